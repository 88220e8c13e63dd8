using System.Collections.Immutable;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Completions;

namespace XLLM.Gateway.OpenAi.Embeddings;

/// <summary>A request for embeddings, checked as far as that goes without the model.</summary>
internal sealed record EmbeddingRequest(GenerationParameters Parameters, ImmutableArray<PromptInput> Inputs)
{
    /// <summary>Values to keep of each vector, from the first; null = all.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Vectors are written as base64 of little-endian float32 instead of numbers.</summary>
    public bool IsBase64 { get; init; }

    /// <summary>Vectors have length 1.</summary>
    public bool IsNormalised { get; init; } = true;

    /// <summary>The tokens that the tokenizer adds to a text are added.</summary>
    public bool AddSpecialTokens { get; init; } = true;
}
