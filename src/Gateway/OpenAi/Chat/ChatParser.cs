using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>JSON to <see cref="ChatRequest"/>.</summary>
internal static class ChatParser
{
    private const int MaxTopLogprobs = 20;

    public static ChatRequest Parse(JsonFields body, GatewayOptions options)
    {
        ChatPrompt prompt = ChatPromptParser.Parse(body, options.MaxMessages);
        GenerationParameters parameters = GenerationParser.Parse(body, options.MaxChoices);
        if (parameters.MaxTokens == 0)
        {
            string name = body.TryGet("max_completion_tokens", out _) ? "max_completion_tokens" : "max_tokens";
            throw ApiException.Invalid(name, $"'{name}' is 0; it must be at least 1.");
        }

        return new ChatRequest(parameters with { Logprobs = ReadLogprobs(body) }, prompt);
    }

    private static LogprobOptions ReadLogprobs(JsonFields body)
    {
        bool wanted = body.Flag("logprobs");
        int? top = body.Int32("top_logprobs", 0, MaxTopLogprobs);
        if (top > 0 && !wanted)
        {
            throw ApiException.Invalid("top_logprobs", "'top_logprobs' needs 'logprobs': true.");
        }

        return wanted ? new LogprobOptions { Chosen = true, Top = top ?? 0 } : LogprobOptions.None;
    }
}
