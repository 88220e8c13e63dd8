using System.Collections.Frozen;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi;

/// <summary>
/// Fields of OpenAI's and vLLM's requests that would change the result and are not implemented: refused instead of ignored.
/// A value that means 'off' passes. Fields not known at all are ignored, as OpenAI does.
/// </summary>
internal static class UnsupportedFields
{
    private static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["suffix"] = "completing before a suffix is not supported",
        ["functions"] = "use 'tools'",
        ["function_call"] = "use 'tools'",
        ["audio"] = "the model has no audio output",
        ["web_search_options"] = "there is no web search",
        ["guided_whitespace_pattern"] = "blanks are as JSON allows",
        ["structural_tag"] = "use tools with 'strict': true",
        ["use_beam_search"] = "beam search is not supported",
        ["prompt_logprobs"] = "use /v1/completions with 'echo' and 'logprobs'",
        ["bad_words"] = "use 'logit_bias'",
        ["allowed_token_ids"] = "use 'logit_bias'",
        ["truncate_prompt_tokens"] = "prompts are not cut; send a shorter one",
        ["logits_processors"] = "code of requests is not run",
        ["chat_template"] = "templates of requests are not run; the model's own is used",
        ["prompt_embeds"] = "prompts are texts or tokens",
    }.ToFrozenDictionary();

    /// <summary>Names that are refused, but for values that mean 'off'.</summary>
    public static IEnumerable<string> Names => Reasons.Keys.Order(StringComparer.Ordinal);

    public static void Refuse(JsonFields body)
    {
        foreach ((string name, string reason) in Reasons)
        {
            if (body.TryGet(name, out JsonElement value) && !IsOff(value))
            {
                throw ApiException.Unsupported(name, $"'{name}' is not supported: {reason}.");
            }
        }

        RefuseModalities(body);
        if (body.Int64("best_of", 1, int.MaxValue) is { } bestOf && bestOf != (body.Int64("n", 1, int.MaxValue) ?? 1))
        {
            throw ApiException.Unsupported("best_of", "'best_of' is not supported when it differs from 'n'.");
        }
    }

    private static bool IsOff(JsonElement value) =>
        value.ValueKind == JsonValueKind.False
        || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8))
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private static void RefuseModalities(JsonFields body)
    {
        foreach (JsonElement item in body.Array("modalities", 8)?.EnumerateArray() ?? default)
        {
            if (JsonValues.Text(item, "modalities", 64) is var modality && modality != "text")
            {
                throw ApiException.Unsupported("modalities", $"'modalities' has '{modality}'; only 'text' is supported.");
            }
        }
    }
}
