using System.Collections.Immutable;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>One prompt of a completion: a text or tokens, never both.</summary>
internal readonly record struct PromptInput(string? Text, ImmutableArray<int> Tokens);
