using System.Text.Json.Nodes;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>Fields that are right by themselves and not together; a schema cannot say it, the fields' descriptions do.</summary>
internal static class Combinations
{
    /// <summary>Whether the error is of such a combination, or of a token that this model does not have.</summary>
    public static bool Explain(JsonNode body, JsonNode error)
    {
        string message = error["message"]!.GetValue<string>();
        return error["param"]?.GetValue<string>().Split('[')[0] switch
        {
            "ignore_eos" or "min_tokens" when message.Contains("cannot be kept together", StringComparison.Ordinal) => true,
            "min_tokens" => message.Contains("more than max_tokens", StringComparison.Ordinal),
            "n" => message.Contains("prompts times n", StringComparison.Ordinal),
            "continue_final_message" => true,
            "background" or "store" => body["background"] is not null,
            "stream_options" => body["stream"] is null,
            "top_logprobs" => body["logprobs"] is null,
            "prompt" or "input" or "tokens" or "stop_token_ids" or "logit_bias" or "documents" or "query" =>
                message.Contains("has token", StringComparison.Ordinal) || message.Contains("has no tokens", StringComparison.Ordinal)
                || message.Contains("only texts are supported", StringComparison.Ordinal),
            "tools" => message.Contains("where its calls have a form to keep", StringComparison.Ordinal),
            "dimensions" => message.Contains("the embeddings of", StringComparison.Ordinal),
            "previous_response_id" => true,
            "messages" => message.Contains("needs a text to continue", StringComparison.Ordinal),
            _ => false,
        };
    }
}
