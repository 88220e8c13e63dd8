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
        if (body.TryGet("thinking_token_budget", out _))
        {
            throw ApiException.Unsupported("thinking_token_budget", "'thinking_token_budget' is not supported here; use /v1/chat/completions.");
        }

        bool echo = body.Flag("echo");
        int maxTokens = parameters.MaxTokens ?? DefaultMaxTokens;
        if (maxTokens == 0 && !echo)
        {
            string name = body.TryGet("max_completion_tokens", out _) ? "max_completion_tokens" : "max_tokens";
            throw ApiException.Invalid(name, $"'{name}' is 0; it must be at least 1, or 'echo' must be true.");
        }

        if (parameters.MinTokens > maxTokens)
        {
            throw ApiException.Invalid("min_tokens", $"'min_tokens' is {parameters.MinTokens}, more than max_tokens, which is {maxTokens}.");
        }

        ImmutableArray<PromptInput> prompts = PromptInput.ReadAll(body.Required("prompt"), "prompt", options.MaxChoices);
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
}
