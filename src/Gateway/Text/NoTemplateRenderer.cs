using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Text;

/// <summary>For models without a usable chat template: chats are refused, completions work.</summary>
internal sealed class NoTemplateRenderer(string reason) : IChatRenderer
{
    public string Render(ChatPrompt prompt) =>
        throw ApiException.Unsupported("messages", $"The model cannot chat: {reason} Use /v1/completions.");

    public AnswerFormat FormatOf(bool hasTools) => AnswerFormat.Plain;
}
