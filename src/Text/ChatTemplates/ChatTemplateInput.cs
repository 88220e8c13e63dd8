using System.Text.Json;

namespace XLLM.Text.ChatTemplates;

/// <summary>What a chat template is rendered with. Integers and floats of the JSON stay apart; keys keep their order.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>The messages: an array of objects with at least <c>role</c>, as in the chat API.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>
    /// Tool definitions; null is <c>none</c> for the template, as in Hugging Face transformers, and <c>default(JsonElement)</c> leaves
    /// the variable undefined.
    /// </summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Documents for retrieval; null and default as for <see cref="Tools"/>.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Whether the text ends with the header of the assistant's next message.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Special tokens by the names templates use: <c>bos_token</c>, <c>eos_token</c>, ...</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Further variables (<c>enable_thinking</c>, ...); they win over everything above but the messages.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();
}
