namespace XLLM.Gateway.Models;

/// <summary>A model's own advice for sampling (generation_config.json), used where a request says nothing; null = none.</summary>
internal sealed record SamplingDefaults
{
    public static SamplingDefaults None { get; } = new();

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public float? MinP { get; init; }

    public float? RepetitionPenalty { get; init; }
}
