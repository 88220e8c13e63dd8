using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>One prompt: a text or tokens, never both.</summary>
internal readonly record struct PromptInput(string? Text, ImmutableArray<int> Tokens)
{
    private const string Expected = "a string, an array of strings, an array of token ids, or an array of arrays of token ids";

    /// <summary>The prompts of a field, 1 to <paramref name="most"/>.</summary>
    /// <exception cref="ApiException">It is of another shape.</exception>
    public static ImmutableArray<PromptInput> ReadAll(JsonElement value, string path, int most)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return [new PromptInput(JsonValues.Text(value, path), default)];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(value, path, Expected);
        }

        if (value.GetArrayLength() == 0)
        {
            throw ApiException.Invalid(path, $"'{path}' is an empty array; it must be {Expected}.");
        }

        if (value[0].ValueKind == JsonValueKind.Number)
        {
            return [new PromptInput(null, GenerationParser.ReadTokens(value, path))];
        }

        JsonValues.Array(value, path, most);
        return [.. value.EnumerateArray().Select((item, i) => Read(item, $"{path}[{i}]"))];
    }

    private static PromptInput Read(JsonElement item, string path) => item.ValueKind switch
    {
        JsonValueKind.String => new PromptInput(JsonValues.Text(item, path), default),
        JsonValueKind.Array => new PromptInput(null, GenerationParser.ReadTokens(item, path)),
        _ => throw JsonValues.WrongType(item, path, "a string or an array of token ids"),
    };
}
