using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>How a token is drawn from logits. Checked at the gateway; inside the house all values are in range.</summary>
[GenerateSerializer, Immutable, Alias("xllm.SamplingOptions")]
public sealed record SamplingOptions
{
    /// <summary>The best token at every step.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divisor of the logits, [0, 2]; 0 takes the best token.</summary>
    [Id(0)] public float Temperature { get; init; } = 1;

    /// <summary>Least set of best tokens whose probabilities sum to at least this, (0, 1]; 1 = off.</summary>
    [Id(1)] public float TopP { get; init; } = 1;

    /// <summary>Only this many best tokens, >= 0; 0 = off.</summary>
    [Id(2)] public int TopK { get; init; }

    /// <summary>Only tokens with at least this share of the best token's probability, [0, 1]; 0 = off.</summary>
    [Id(3)] public float MinP { get; init; }

    /// <summary>Seed of this request's draws. The same seed, prompt and options give the same tokens whatever else runs.</summary>
    [Id(4)] public ulong Seed { get; init; }

    /// <summary>Subtracted once from the logit of every token generated before, [-2, 2].</summary>
    [Id(5)] public float PresencePenalty { get; init; }

    /// <summary>Subtracted from a token's logit for each time it was generated before, [-2, 2].</summary>
    [Id(6)] public float FrequencyPenalty { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens in prompt or output, (0, 2]; 1 = off (CTRL, arXiv 1909.05858).</summary>
    [Id(7)] public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Added to single logits; at most 1,024 entries.</summary>
    [Id(8)] public ImmutableArray<TokenBias> LogitBias { get; init; } = [];

    /// <summary>No randomness is involved.</summary>
    public bool IsGreedy => Temperature == 0;
}
