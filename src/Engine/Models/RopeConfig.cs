namespace XLLM.Engine.Models;

/// <summary>Rotary position embedding: its base, layout and scaling.</summary>
internal sealed record RopeConfig
{
    public required double Theta { get; init; }

    public RopeScaling Scaling { get; init; } = RopeScaling.None;

    /// <summary>Pairs lie side by side (GGUF's llama architecture permutes q and k so), instead of half a head apart.</summary>
    public bool Interleaved { get; init; }

    /// <summary>How many times the context was stretched; linear, llama3 and yarn.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Context before stretching; llama3 and yarn.</summary>
    public double OriginalContext { get; init; }

    public double LowFrequencyFactor { get; init; } = 1;

    public double HighFrequencyFactor { get; init; } = 4;

    public double BetaFast { get; init; } = 32;

    public double BetaSlow { get; init; } = 1;

    /// <summary>Yarn: correction range rounded to whole dimensions.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Yarn: scale of cos and sin; null = from the factor.</summary>
    public double? AttentionFactor { get; init; }

    public double? Mscale { get; init; }

    public double? MscaleAllDim { get; init; }

    /// <summary>
    /// Divisors of the frequencies, one a pair, that the file itself gives (GGUF's rope_freqs.weight); or null.
    /// </summary>
    public float[]? Divisors { get; init; }
}
