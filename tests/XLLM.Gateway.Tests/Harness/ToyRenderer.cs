using System.Text;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.Text;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>Writes <c>[role]content</c> for each message, tools and arguments before them.</summary>
internal sealed class ToyRenderer(AnswerFormat format) : IChatRenderer
{
    public AnswerFormat FormatOf(bool hasTools) => format;

    public string Render(ChatPrompt prompt)
    {
        var text = new StringBuilder();
        if (prompt.Tools.ValueKind != System.Text.Json.JsonValueKind.Undefined)
        {
            text.Append("[tools]").Append(prompt.Tools.GetRawText());
        }

        if (prompt.TemplateArguments.ValueKind != System.Text.Json.JsonValueKind.Undefined)
        {
            text.Append("[arguments]").Append(prompt.TemplateArguments.GetRawText());
        }

        foreach (ChatMessage message in prompt.Messages)
        {
            text.Append('[').Append(message.Role).Append(']').Append(message.Content);
            text.Append(message.Reasoning is { } thought ? $"(thought: {thought})" : "");
            text.Append(message.ToolCallId is { } id ? $"(of {id})" : "");
            text.Append(message.ToolCalls.ValueKind == System.Text.Json.JsonValueKind.Array ? message.ToolCalls.GetRawText() : "");
        }

        return text.Append(prompt.AddGenerationPrompt ? "[assistant]" : "").ToString();
    }
}
