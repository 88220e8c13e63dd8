using System.Collections.Immutable;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.Generation;

/// <summary>A prompt as the log shows it.</summary>
internal static class PromptText
{
    private const int MaxTokens = 4096;

    /// <summary>Its text, special tokens included, at most 4,096 tokens of it.</summary>
    public static string Of(ServedModel model, ImmutableArray<int> tokens) =>
        model.Codec.Decode([.. tokens.Take(MaxTokens)], skipSpecialTokens: false) + (tokens.Length > MaxTokens ? "..." : "");
}
