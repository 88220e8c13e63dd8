using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>Which log probabilities a request wants. They are of the model's own distribution, before sampling changes it.</summary>
[GenerateSerializer, Immutable, Alias("xllm.LogprobOptions")]
public sealed record LogprobOptions
{
    /// <summary>None wanted.</summary>
    public static LogprobOptions None { get; } = new();

    /// <summary>Give the chosen token's log probability.</summary>
    [Id(0)] public bool Chosen { get; init; }

    /// <summary>Give this many best tokens too, 0..20.</summary>
    [Id(1)] public int Top { get; init; }

    /// <summary>Give those of the prompt's tokens as well (completions with echo). Turns the prefix cache off for the request.</summary>
    [Id(2)] public bool Prompt { get; init; }
}
