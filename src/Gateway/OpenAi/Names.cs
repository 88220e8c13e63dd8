using System.Text.Json;

namespace XLLM.Gateway.OpenAi;

/// <summary>JSON names of answers, encoded once.</summary>
internal static class Names
{
    public static readonly JsonEncodedText Arguments = Of("arguments");
    public static readonly JsonEncodedText Bytes = Of("bytes");
    public static readonly JsonEncodedText CachedTokens = Of("cached_tokens");
    public static readonly JsonEncodedText Choices = Of("choices");
    public static readonly JsonEncodedText CompletionTokens = Of("completion_tokens");
    public static readonly JsonEncodedText Content = Of("content");
    public static readonly JsonEncodedText Created = Of("created");
    public static readonly JsonEncodedText Delta = Of("delta");
    public static readonly JsonEncodedText FinishReason = Of("finish_reason");
    public static readonly JsonEncodedText Function = Of("function");
    public static readonly JsonEncodedText Id = Of("id");
    public static readonly JsonEncodedText Index = Of("index");
    public static readonly JsonEncodedText Logprob = Of("logprob");
    public static readonly JsonEncodedText Logprobs = Of("logprobs");
    public static readonly JsonEncodedText Message = Of("message");
    public static readonly JsonEncodedText Model = Of("model");
    public static readonly JsonEncodedText Name = Of("name");
    public static readonly JsonEncodedText Object = Of("object");
    public static readonly JsonEncodedText PromptTokens = Of("prompt_tokens");
    public static readonly JsonEncodedText PromptTokensDetails = Of("prompt_tokens_details");
    public static readonly JsonEncodedText ReasoningContent = Of("reasoning_content");
    public static readonly JsonEncodedText Refusal = Of("refusal");
    public static readonly JsonEncodedText Role = Of("role");
    public static readonly JsonEncodedText StopReason = Of("stop_reason");
    public static readonly JsonEncodedText Text = Of("text");
    public static readonly JsonEncodedText TextOffset = Of("text_offset");
    public static readonly JsonEncodedText Token = Of("token");
    public static readonly JsonEncodedText TokenLogprobs = Of("token_logprobs");
    public static readonly JsonEncodedText Tokens = Of("tokens");
    public static readonly JsonEncodedText ToolCalls = Of("tool_calls");
    public static readonly JsonEncodedText TopLogprobs = Of("top_logprobs");
    public static readonly JsonEncodedText TotalTokens = Of("total_tokens");
    public static readonly JsonEncodedText Type = Of("type");
    public static readonly JsonEncodedText Usage = Of("usage");

    private static JsonEncodedText Of(string name) => JsonEncodedText.Encode(name);
}
