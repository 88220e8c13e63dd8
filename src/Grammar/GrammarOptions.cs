namespace XLLM.Grammar;

/// <summary>How values are written, where JSON leaves a choice.</summary>
public sealed record GrammarOptions
{
    public static GrammarOptions Default { get; } = new();

    /// <summary>Properties in any order; false = in the order of the schema, further keys last.</summary>
    public bool AnyOrder { get; init; }

    /// <summary>
    /// Most blanks (space, tab, line ends) between two parts of a JSON text, so that no writer is caught in blanks.
    /// </summary>
    public int MaxBlanks { get; init; } = 256;

    public GrammarLimits Limits { get; init; } = GrammarLimits.Default;
}
