using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>Most tokens of a request's thoughts. An engine ends them in time: it writes the closing mark in place of what was drawn.</summary>
[GenerateSerializer, Immutable, Alias("xllm.ThinkingBudget")]
public sealed record ThinkingBudget
{
    /// <summary>Tokens up to the closing mark and with it, at least as many as the shortest thoughts have.</summary>
    [Id(0)] public required int MaxTokens { get; init; }

    /// <summary>The thoughts from the first token of the output to their closing mark; an output may begin otherwise.</summary>
    [Id(1)] public required OutputStructure Thoughts { get; init; }
}
