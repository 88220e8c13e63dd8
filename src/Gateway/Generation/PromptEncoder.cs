using System.Collections.Immutable;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;

namespace XLLM.Gateway.Generation;

/// <summary>Words to tokens.</summary>
internal static class PromptEncoder
{
    /// <summary>Tokens of a chat, by the model's template.</summary>
    public static ImmutableArray<int> Encode(ServedModel model, ChatPrompt prompt) =>
        Encode(model, model.Text.Chat.Render(prompt), prompt.AddSpecialTokens);

    /// <summary>Tokens of a text.</summary>
    public static ImmutableArray<int> Encode(ServedModel model, string text, bool addSpecialTokens) =>
        [.. model.Codec.Encode(text, addSpecialTokens)];
}
