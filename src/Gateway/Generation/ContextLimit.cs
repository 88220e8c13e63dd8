using System.Text;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Generation;

/// <summary>Prompt and output must fit the model's context.</summary>
internal static class ContextLimit
{
    // Tokenizers may normalise a text to a shorter one before they cut it.
    private const int NormalisationSlack = 2;

    /// <summary>Refuses a text that is certainly too long, before time is spent on its tokens.</summary>
    /// <exception cref="ApiException">It cannot fit; the message has both numbers.</exception>
    public static void CheckText(string text, int longestTokenBytes, int contextLength)
    {
        long most = (long)contextLength * longestTokenBytes * NormalisationSlack;
        if (text.Length > most || (text.Length > most / 3 && Encoding.UTF8.GetByteCount(text) > most))
        {
            long tokens = Encoding.UTF8.GetByteCount(text) / longestTokenBytes / NormalisationSlack;
            throw TooLong(contextLength, $"However, the prompt has at least {tokens} tokens, which leaves no room for a completion.");
        }
    }

    /// <summary>Tokens a request may generate, at least 1: what it asks for, or all the room that is left.</summary>
    /// <exception cref="ApiException">It does not fit; the message has both numbers.</exception>
    public static int MaxTokensOf(GenerationParameters parameters, int promptTokens, int contextLength)
    {
        if (parameters.Pooling != PoolingKind.None)
        {
            return promptTokens <= contextLength
                ? 1
                : throw TooLong(contextLength, $"However, a text has {promptTokens} tokens.");
        }

        // An echo without output still takes one step, whose token is dropped.
        int wanted = Math.Max(1, parameters.MaxTokens ?? 1);
        if ((long)promptTokens + wanted <= contextLength)
        {
            return parameters.MaxTokens is null ? contextLength - promptTokens : wanted;
        }

        string asked = parameters.MaxTokens is { } max
            ? $"However, you requested {(long)promptTokens + max} tokens ({promptTokens} in the prompt, {max} for the completion)."
            : $"However, the prompt has {promptTokens} tokens, which leaves no room for a completion.";
        throw TooLong(contextLength, asked);
    }

    private static ApiException TooLong(int contextLength, string asked) => new(new ApiError(
        OutcomeErrors.RowOf(RequestOutcome.RejectedTooLong),
        $"This model's maximum context length is {contextLength} tokens. {asked} Shorten the prompt or max_tokens."));
}
