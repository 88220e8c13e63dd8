namespace XLLM.Grammar.Ebnf;

/// <summary>All the ways in which a text so far fits the grammar: the places that wait for a character. Interned by its machine.</summary>
internal sealed class EbnfSite(long id, (int Node, EbnfStack? Stack)[] places, bool accepts, int classes)
{
    public long Id { get; } = id;

    public (int Node, EbnfStack? Stack)[] Places { get; } = places;

    /// <summary>The text may end here.</summary>
    public bool Accepts { get; } = accepts;

    /// <summary>The sites after each class of characters, once worked out; a site without places and end stands for none.</summary>
    public EbnfSite?[] After { get; } = new EbnfSite?[classes];

    public bool IsDead => Places.Length == 0 && !Accepts;
}
