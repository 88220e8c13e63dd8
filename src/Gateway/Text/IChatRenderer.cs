using XLLM.Gateway.OpenAi.Chat;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Text;

/// <summary>A model's chat template. Safe for any thread.</summary>
internal interface IChatRenderer
{
    /// <summary>The prompt's text.</summary>
    /// <exception cref="Errors.ApiException">The template refuses the messages, or there is no template.</exception>
    string Render(ChatPrompt prompt);

    /// <summary>What answers to a rendered prompt hold beside text.</summary>
    /// <param name="hasTools">The prompt offers tools.</param>
    AnswerFormat FormatOf(bool hasTools);
}
