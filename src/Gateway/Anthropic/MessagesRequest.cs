using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Chat;

namespace XLLM.Gateway.Anthropic;

/// <summary>A request to /v1/messages, checked.</summary>
internal sealed record MessagesRequest(GenerationParameters Parameters, ChatPrompt Prompt);
