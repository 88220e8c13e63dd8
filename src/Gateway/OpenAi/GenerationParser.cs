using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.OpenAi;

/// <summary>Reads the parameters that chat and completions share. Names are OpenAI's, beyond them vLLM's.</summary>
internal static class GenerationParser
{
    public const int MaxModelNameLength = 512;
    private const int MaxStopStrings = 16;
    private const int MaxStopLength = 256;
    private const int MaxStopTokens = 256;
    private const int MaxBiases = 1024;
    private const int MaxSaltLength = 256;

    /// <summary>Tokens of no model reach this; the model's own limits are checked later.</summary>
    public const int AnyTokenCount = 1 << 30;

    public static GenerationParameters Parse(JsonFields body, int maxChoices)
    {
        UnsupportedFields.Refuse(body);
        bool stream = body.Flag("stream");
        JsonFields? streamOptions = ReadStreamOptions(body, stream);
        int? maxTokens = body.Int32("max_completion_tokens", 0, AnyTokenCount) ?? body.Int32("max_tokens", 0, AnyTokenCount);
        int minTokens = body.Int32("min_tokens", 0, AnyTokenCount) ?? 0;
        if (minTokens > (maxTokens ?? int.MaxValue))
        {
            throw ApiException.Invalid("min_tokens", $"'min_tokens' is {minTokens}, more than max_tokens, which is {maxTokens}.");
        }

        return OperationFields.Read(body, new GenerationParameters
        {
            Model = body.Text("model", MaxModelNameLength),
            Stream = stream,
            IncludeUsage = streamOptions?.Flag("include_usage") ?? false,
            ContinuousUsage = streamOptions?.Flag("continuous_usage_stats") ?? false,
            MaxTokens = maxTokens,
            MinTokens = minTokens,
            Choices = body.Int32("n", 1, maxChoices) ?? 1,
            Seed = (ulong?)body.Int64("seed", long.MinValue, long.MaxValue),
            Temperature = body.Number("temperature", 0, 2),
            TopP = ReadTopP(body),
            TopK = ReadTopK(body),
            MinP = body.Number("min_p", 0, 1),
            PresencePenalty = body.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = body.Number("frequency_penalty", -2, 2) ?? 0,
            RepetitionPenalty = ReadRepetitionPenalty(body),
            LogitBias = ReadLogitBias(body),
            Stop = ReadStop(body),
            StopTokenIds = ReadTokens(body, "stop_token_ids", MaxStopTokens),
            IncludeStopString = body.Flag("include_stop_str_in_output"),
            IgnoreEos = body.Flag("ignore_eos"),
            SkipSpecialTokens = body.Flag("skip_special_tokens", absent: true),
            CacheSalt = ReadSalt(body),
            Format = OutputFormatParser.Read(body),
        });
    }

    /// <summary>An array of token ids; their upper bound is the vocabulary, checked with the model.</summary>
    public static ImmutableArray<int> ReadTokens(JsonFields body, string name, int maxCount) =>
        body.Array(name, maxCount) is { } array ? ReadTokens(array, body.PathOf(name)) : [];

    public static ImmutableArray<int> ReadTokens(JsonElement array, string path)
    {
        var tokens = ImmutableArray.CreateBuilder<int>(array.GetArrayLength());
        foreach (JsonElement token in array.EnumerateArray())
        {
            // The path is only built when there is something to say.
            if (token.ValueKind != JsonValueKind.Number || !token.TryGetInt32(out int id) || id < 0)
            {
                id = (int)JsonValues.Integer(token, $"{path}[{tokens.Count}]", 0, int.MaxValue);
            }

            tokens.Add(id);
        }

        return tokens.MoveToImmutable();
    }

    private static JsonFields? ReadStreamOptions(JsonFields body, bool stream)
    {
        JsonFields? options = body.Object("stream_options");
        return options is null || stream
            ? options
            : throw ApiException.Invalid("stream_options", "'stream_options' may only be given with 'stream': true.");
    }

    /// <summary>Above 0 and at most 1; null = absent.</summary>
    public static float? ReadTopP(JsonFields body)
    {
        float? topP = body.Number("top_p", 0, 1);
        return topP is not 0 ? topP : throw ApiException.Invalid("top_p", "'top_p' is 0; it must be above 0 and at most 1.");
    }

    // vLLM writes "off" as -1 or 0.
    private static int? ReadTopK(JsonFields body) => body.Int32("top_k", -1, int.MaxValue) is { } topK ? Math.Max(topK, 0) : null;

    private static float? ReadRepetitionPenalty(JsonFields body)
    {
        float? penalty = body.Number("repetition_penalty", 0, 2);
        return penalty is not 0
            ? penalty
            : throw ApiException.Invalid("repetition_penalty", "'repetition_penalty' is 0; it must be above 0 and at most 2.");
    }

    /// <summary>Empty = absent.</summary>
    public static string ReadSalt(JsonFields body)
    {
        string? salt = body.Text("cache_salt", MaxSaltLength);
        return salt is not "" ? salt ?? "" : throw ApiException.Invalid("cache_salt", "'cache_salt' must not be empty.");
    }

    private static ImmutableArray<TokenBias> ReadLogitBias(JsonFields body)
    {
        if (!body.TryGet("logit_bias", out JsonElement map))
        {
            return [];
        }

        JsonFields.Of(map, "logit_bias");
        int count = map.GetPropertyCount();
        if (count > MaxBiases)
        {
            throw ApiException.Invalid("logit_bias", $"'logit_bias' has {count} entries; at most {MaxBiases} are allowed.");
        }

        var biases = ImmutableArray.CreateBuilder<TokenBias>(count);
        var seen = new HashSet<int>();
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || !seen.Add(token))
            {
                throw ApiException.Invalid("logit_bias", "The keys of 'logit_bias' must be different token ids, such as \"50256\".");
            }

            biases.Add(new TokenBias(token, (float)JsonValues.Number(entry.Value, $"logit_bias.{token}", -100, 100)));
        }

        return biases.ToImmutable();
    }

    private static ImmutableArray<string> ReadStop(JsonFields body)
    {
        if (!body.TryGet("stop", out JsonElement stop))
        {
            return [];
        }

        if (stop.ValueKind == JsonValueKind.String)
        {
            return [ReadStopString(stop, "stop")];
        }

        if (stop.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(stop, "stop", "a string or an array of strings");
        }

        JsonValues.Array(stop, "stop", MaxStopStrings);
        return [.. stop.EnumerateArray().Select((item, i) => ReadStopString(item, $"stop[{i}]"))];
    }

    private static string ReadStopString(JsonElement value, string path)
    {
        string text = JsonValues.Text(value, path, MaxStopLength);
        return text.Length > 0 ? text : throw ApiException.Invalid(path, $"'{path}' is empty; a stop string has at least one character.");
    }
}
