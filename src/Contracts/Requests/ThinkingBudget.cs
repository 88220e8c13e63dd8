using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>Most tokens of a request's thoughts. An engine ends them in time: it writes the closing mark in place of what was drawn.</summary>
/// <param name="MaxTokens">Tokens up to the closing mark and with it, at least as many as the shortest thoughts have.</param>
/// <param name="Thoughts">The thoughts from the first token of the output to their closing mark; an output may begin otherwise.</param>
[GenerateSerializer, Immutable, Alias("xllm.ThinkingBudget")]
public sealed record ThinkingBudget([property: Id(0)] int MaxTokens, [property: Id(1)] OutputStructure Thoughts);
