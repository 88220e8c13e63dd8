using System.Collections.Immutable;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.Structure;
using XLLM.Gateway.Telemetry;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Generation;

/// <summary>A chat to tokens, and how its answers are read.</summary>
internal static class ChatEncoder
{
    /// <param name="model">The model.</param>
    /// <param name="prompt">The chat.</param>
    /// <param name="wanted">The form that the answer's text must have; null = any.</param>
    /// <exception cref="Errors.ApiException">
    /// The template refuses it, its text is certainly too long for the model, or the model's calls cannot have their form.
    /// </exception>
    public static (ImmutableArray<int> Tokens, AnswerReading Reading) Encode(
        ServedModel model, ChatPrompt prompt, OutputFormat? wanted = null)
    {
        using var step = GatewayTrace.Step("text");
        string text = model.Text.Chat.Render(prompt);
        ToolOffer offer = OfferOf(prompt);
        AnswerFormat format = model.Text.Chat.FormatOf(offer.Names.Count > 0);
        if (prompt.Choice.IsRequired && format.ToolCalls == ToolCallFormat.None)
        {
            // Whatever the model is used to: its calls are written for it, and in a form that can be read.
            format = format with { ToolCalls = ToolCallFormat.Hermes };
        }

        AnswerStructure? structure = new StructureBuilder(format, model.Codec.SpecialTokenOf).Build(prompt, text, wanted);
        return (
            PromptEncoder.Encode(model, text, prompt.AddSpecialTokens),
            new AnswerReading(format, text, offer) { Structure = structure });
    }

    private static ToolOffer OfferOf(ChatPrompt prompt) => prompt.Terms.IsEmpty ? ToolOffer.None : new ToolOffer(
        prompt.Terms.Select(t => t.Name).Where(prompt.Choice.Allows).ToHashSet(StringComparer.Ordinal), prompt.MaxToolCalls);
}
