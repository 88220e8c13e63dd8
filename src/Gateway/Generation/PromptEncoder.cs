using System.Collections.Immutable;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;

namespace XLLM.Gateway.Generation;

/// <summary>Words to tokens.</summary>
internal static class PromptEncoder
{
    /// <summary>Tokens of a chat, by the model's template.</summary>
    /// <exception cref="Errors.ApiException">The template refuses it, or its text is certainly too long for the model.</exception>
    public static ImmutableArray<int> Encode(ServedModel model, ChatPrompt prompt) =>
        Encode(model, model.Text.Chat.Render(prompt), prompt.AddSpecialTokens);

    /// <summary>Tokens of a text.</summary>
    /// <exception cref="Errors.ApiException">The text is certainly too long for the model.</exception>
    public static ImmutableArray<int> Encode(ServedModel model, string text, bool addSpecialTokens)
    {
        ContextLimit.CheckText(text, model.Codec.LongestTokenBytes, model.Card.ContextLength);
        return [.. model.Codec.Encode(text, addSpecialTokens)];
    }
}
