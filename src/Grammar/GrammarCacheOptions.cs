namespace XLLM.Grammar;

/// <summary>Bounds of a <see cref="GrammarCache"/>.</summary>
public sealed record GrammarCacheOptions
{
    /// <summary>Grammars, >= 1.</summary>
    public int MaxCount { get; init; } = 256;

    /// <summary>Bytes of sources, automata and masks together, estimated.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>
    /// How grammars are compiled. Blanks are few: none of the usual forms has more, and a weak model is not caught in them.
    /// </summary>
    public GrammarOptions Grammar { get; init; } = new()
    {
        MaxBlanks = 64,
        Limits = new GrammarLimits { MaxRowBytes = 16L << 20 },
    };
}
