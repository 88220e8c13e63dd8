using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>JSON to <see cref="CompletionRequest"/>.</summary>
internal static class CompletionParser
{
    private const int DefaultMaxTokens = 16;
    private const int MaxTopLogprobs = 20;

    public static CompletionRequest Parse(JsonFields body, GatewayOptions options)
    {
        GenerationParameters parameters = GenerationParser.Parse(body, options.MaxChoices);
        bool echo = body.Flag("echo");
        int maxTokens = parameters.MaxTokens ?? DefaultMaxTokens;
        if (maxTokens == 0 && !echo)
        {
            throw ApiException.Invalid("max_tokens", "'max_tokens' is 0; it must be at least 1, or 'echo' must be true.");
        }

        if (parameters.MinTokens > maxTokens)
        {
            throw ApiException.Invalid("min_tokens", $"'min_tokens' is {parameters.MinTokens}, more than max_tokens, which is {maxTokens}.");
        }

        ImmutableArray<PromptInput> prompts = ReadPrompts(body.Required("prompt"), options.MaxChoices);
        if ((long)prompts.Length * parameters.Choices > options.MaxChoices)
        {
            throw ApiException.Invalid(
                "n", $"{prompts.Length} prompts times n = {parameters.Choices} is more than {options.MaxChoices} generations a request.");
        }

        int? logprobs = ReadLogprobs(body);
        return new CompletionRequest(
            parameters with
            {
                MaxTokens = maxTokens,
                Echo = echo,
                Operation = "text_completion",
                Logprobs = logprobs is { } top
                    ? new LogprobOptions { Chosen = true, Top = top, Prompt = echo }
                    : LogprobOptions.None,
            },
            prompts,
            body.Flag("add_special_tokens", absent: true));
    }

    private static int? ReadLogprobs(JsonFields body)
    {
        // Some clients send false for 'none'.
        return body.TryGet("logprobs", out JsonElement value) && value.ValueKind != JsonValueKind.False
            ? (int)JsonValues.Integer(value, "logprobs", 0, MaxTopLogprobs)
            : null;
    }

    private static ImmutableArray<PromptInput> ReadPrompts(JsonElement prompt, int maxPrompts)
    {
        const string Expected = "a string, an array of strings, an array of token ids, or an array of arrays of token ids";
        if (prompt.ValueKind == JsonValueKind.String)
        {
            return [new PromptInput(JsonValues.Text(prompt, "prompt"), default)];
        }

        if (prompt.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(prompt, "prompt", Expected);
        }

        if (prompt.GetArrayLength() == 0)
        {
            throw ApiException.Invalid("prompt", "'prompt' is an empty array; it must be " + Expected + ".");
        }

        if (prompt[0].ValueKind == JsonValueKind.Number)
        {
            return [new PromptInput(null, GenerationParser.ReadTokens(prompt, "prompt"))];
        }

        JsonValues.Array(prompt, "prompt", maxPrompts);
        return [.. prompt.EnumerateArray().Select((item, i) => ReadPrompt(item, $"prompt[{i}]"))];
    }

    private static PromptInput ReadPrompt(JsonElement item, string path) => item.ValueKind switch
    {
        JsonValueKind.String => new PromptInput(JsonValues.Text(item, path), default),
        JsonValueKind.Array => new PromptInput(null, GenerationParser.ReadTokens(item, path)),
        _ => throw JsonValues.WrongType(item, path, "a string or an array of token ids"),
    };
}
