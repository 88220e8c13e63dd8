using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Text.Answers;
using XLLM.Text.ChatTemplates;
using XLLM.Text.Reasoning;

namespace XLLM.Gateway.Text;

/// <summary>A model's own chat template behind the gateway's seam.</summary>
internal sealed class TemplateRenderer : IChatRenderer
{
    private readonly ChatTemplate _plain;
    private readonly ChatTemplate _withTools;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly AnswerFormat _plainFormat;
    private readonly AnswerFormat _toolFormat;
    private readonly TimeProvider _time;

    /// <param name="plain">The model's template.</param>
    /// <param name="withTools">The one for requests with tools, often the same.</param>
    /// <param name="specialTokens">Special tokens by the names templates use.</param>
    /// <param name="time">Clock of <c>strftime_now</c>.</param>
    public TemplateRenderer(
        ChatTemplate plain, ChatTemplate withTools, IReadOnlyDictionary<string, string> specialTokens, TimeProvider time)
    {
        _plain = plain;
        _withTools = withTools;
        _plainFormat = AnswerFormat.OfTemplate(plain.Source);
        _toolFormat = AnswerFormat.OfTemplate(withTools.Source);
        _specialTokens = specialTokens;
        _time = time;
    }

    public string Render(ChatPrompt prompt)
    {
        bool hasTools = prompt.Tools.ValueKind != JsonValueKind.Undefined;
        ChatTemplate template = hasTools ? _withTools : _plain;
        if (hasTools && !template.Source.Contains("tools", StringComparison.Ordinal))
        {
            throw ApiException.Unsupported("tools", "'tools' is not supported: the model's chat template takes none.");
        }

        bool knowsDeveloper = template.Source.Contains("developer", StringComparison.Ordinal);
        using JsonDocument messages = ChatMessagesJson.Build(prompt.Messages, developerIsSystem: !knowsDeveloper);
        string text;
        try
        {
            text = template.Render(
                new ChatTemplateInput
                {
                    Messages = messages.RootElement,
                    Tools = hasTools ? prompt.Tools : null,
                    AddGenerationPrompt = prompt.AddGenerationPrompt,
                    SpecialTokens = _specialTokens,
                    Variables = VariablesOf(prompt, template.Source),
                },
                _time);
        }
        catch (TemplateException exception)
        {
            throw new ApiException(ToError(exception));
        }

        return prompt.ContinueFinalMessage ? CutAfter(text, prompt.Messages[^1].Content!.Trim()) : text;
    }

    public AnswerFormat FormatOf(bool hasTools) => hasTools ? _toolFormat : _plainFormat;

    private static Dictionary<string, JsonElement> VariablesOf(ChatPrompt prompt, string template)
    {
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        // A model that does not think needs no switch for that.
        if (prompt.ReasoningEffort is { } effort && (effort != "none" || ReasoningFormat.OfTemplate(template) is not null))
        {
            (string name, JsonElement value) = EffortVariable.Of(effort, prompt.ReasoningEffortPath, template);
            variables[name] = value;
        }

        if (prompt.TemplateArguments.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty argument in prompt.TemplateArguments.EnumerateObject())
            {
                variables[argument.Name] = argument.Value;
            }
        }

        return variables;
    }

    // As transformers does it: what the template writes after the last message's text is left out.
    private static string CutAfter(string text, string last)
    {
        int at = text.LastIndexOf(last, StringComparison.Ordinal);
        return at >= 0
            ? text[..(at + last.Length)]
            : throw ApiException.Invalid(
                "continue_final_message", "The model's chat template changes the last message, so it cannot be continued.");
    }

    private static ApiError ToError(TemplateException exception) => new(
        DoorErrors.InvalidValue,
        exception.Kind == TemplateErrorKind.Refused
            ? $"The model's chat template refuses the messages: {exception.Reason}"
            : $"The model's chat template cannot render these messages: {exception.Message}")
    {
        Param = "messages",
    };
}
