using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Text.ChatTemplates;

namespace XLLM.Gateway.Text;

/// <summary>A model's own chat template behind the gateway's seam.</summary>
internal sealed class TemplateRenderer : IChatRenderer
{
    private readonly ChatTemplate _template;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly TimeProvider _time;
    private readonly bool _developerIsSystem;

    public TemplateRenderer(ChatTemplate template, IReadOnlyDictionary<string, string> specialTokens, TimeProvider time)
    {
        _template = template;
        _specialTokens = specialTokens;
        _time = time;
        _developerIsSystem = !template.Source.Contains("developer", StringComparison.Ordinal);
    }

    public string Render(ChatPrompt prompt)
    {
        using JsonDocument messages = ChatMessagesJson.Build(prompt.Messages, _developerIsSystem);
        string text;
        try
        {
            text = _template.Render(
                new ChatTemplateInput
                {
                    Messages = messages.RootElement,
                    Tools = prompt.Tools.ValueKind == JsonValueKind.Undefined ? null : prompt.Tools,
                    AddGenerationPrompt = prompt.AddGenerationPrompt,
                    SpecialTokens = _specialTokens,
                    Variables = VariablesOf(prompt),
                },
                _time);
        }
        catch (TemplateException exception)
        {
            throw new ApiException(ToError(exception));
        }

        return prompt.ContinueFinalMessage ? CutAfter(text, prompt.Messages[^1].Content!.Trim()) : text;
    }

    private static Dictionary<string, JsonElement> VariablesOf(ChatPrompt prompt)
    {
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (prompt.ReasoningEffort is { } effort)
        {
            variables["reasoning_effort"] = JsonSerializer.SerializeToElement(effort);
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
