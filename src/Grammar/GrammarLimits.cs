namespace XLLM.Grammar;

/// <summary>Caps on what one grammar may cost; a source beyond them is refused, never cut short.</summary>
public sealed record GrammarLimits
{
    public static GrammarLimits Default { get; } = new();

    /// <summary>Bytes of the source.</summary>
    public int MaxSourceBytes { get; init; } = 4 << 20;

    /// <summary>Nesting of the source, of references within one value, and of values while writing.</summary>
    public int MaxDepth { get; init; } = 128;

    /// <summary>Schemas (places in the source that describe a value) that can be reached.</summary>
    public int MaxSchemas { get; init; } = 50_000;

    /// <summary>Boolean formulas made while compiling and writing.</summary>
    public int MaxFormulas { get; init; } = 400_000;

    /// <summary>States of one automaton (a pattern, or the product of several).</summary>
    public int MaxStates { get; init; } = 20_000;

    /// <summary>Derivatives and parts of them made while one pattern is compiled.</summary>
    public int MaxPatternSteps { get; init; } = 600_000;

    /// <summary>Alternatives tried before a question of satisfiability counts as undecided.</summary>
    public int MaxBranches { get; init; } = 4_000;

    /// <summary>Bytes of rows kept for one grammar, the least recently used dropped first.</summary>
    public long MaxRowBytes { get; init; } = 64L << 20;
}
