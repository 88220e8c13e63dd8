namespace XLLM.Grammar.Structures;

/// <summary>Where a text stands in a structure.</summary>
internal abstract class Place(long id, bool accepts)
{
    /// <summary>Never given twice.</summary>
    public long Id { get; } = id;

    /// <summary>The text may end here.</summary>
    public bool Accepts { get; } = accepts;
}
