using XLLM.Gateway.Generation;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>A chat request, checked.</summary>
internal sealed record ChatRequest(GenerationParameters Parameters, ChatPrompt Prompt);
