using System.Collections.Immutable;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>A completion request, checked.</summary>
internal sealed record CompletionRequest(
    GenerationParameters Parameters, ImmutableArray<PromptInput> Prompts, bool AddSpecialTokens);
