using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.Telemetry;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Generation;

/// <summary>A chat to tokens, and how its answers are read.</summary>
internal static class ChatEncoder
{
    /// <exception cref="Errors.ApiException">The template refuses it, or its text is certainly too long for the model.</exception>
    public static (ImmutableArray<int> Tokens, AnswerReading Reading) Encode(ServedModel model, ChatPrompt prompt)
    {
        using var step = GatewayTrace.Step("text");
        string text = model.Text.Chat.Render(prompt);
        ToolOffer offer = OfferOf(prompt);
        return (
            PromptEncoder.Encode(model, text, prompt.AddSpecialTokens),
            new AnswerReading(model.Text.Chat.FormatOf(offer.Names.Count > 0), text, offer));
    }

    private static ToolOffer OfferOf(ChatPrompt prompt) => prompt.Tools.ValueKind != JsonValueKind.Array
        ? ToolOffer.None
        : new ToolOffer(
            prompt.Tools.EnumerateArray()
                .Select(t => t.GetProperty("function").GetProperty("name").GetString()!)
                .ToHashSet(StringComparer.Ordinal),
            prompt.MaxToolCalls);
}
