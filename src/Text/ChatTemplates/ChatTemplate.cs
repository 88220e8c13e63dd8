using System.Text.Json;
using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Parsing;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates;

/// <summary>
/// A parsed chat template: a sandboxed Jinja2 with the settings and functions Hugging Face transformers gives it (trim_blocks,
/// lstrip_blocks, loop controls, generation blocks, <c>tojson</c>, <c>raise_exception</c>, <c>strftime_now</c>). Immutable; any
/// number of threads may render it at once. A template can neither reach anything but its variables nor change them, and ends within
/// <see cref="TemplateLimits"/>.
/// </summary>
public sealed class ChatTemplate
{
    private readonly Block _body;
    private readonly TemplateLimits _limits;

    private ChatTemplate(string source, Block body, TemplateLimits limits)
    {
        Source = source;
        _body = body;
        _limits = limits;
    }

    /// <summary>The source as given.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is no template, uses what the sandbox does not have, or is too long or too deep.</exception>
    public static ChatTemplate Parse(string source, TemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        limits ??= TemplateLimits.Default;
        return new ChatTemplate(source, TemplateParser.Parse(source, limits), limits);
    }

    /// <summary>The prompt for a conversation.</summary>
    /// <param name="input">Messages and variables.</param>
    /// <param name="time">Clock of <c>strftime_now</c>, in its local time zone; the system's when null.</param>
    /// <exception cref="TemplateException">
    /// The template refuses the messages (<see cref="TemplateErrorKind.Refused"/>), fails on them, or hits a limit.
    /// </exception>
    public string Render(ChatTemplateInput input, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Dictionary<string, Value> variables = new(StringComparer.Ordinal)
        {
            ["add_generation_prompt"] = BoolValue.Of(input.AddGenerationPrompt),
        };
        AddOptional(variables, "tools", input.Tools);
        AddOptional(variables, "documents", input.Documents);
        foreach ((string name, string token) in input.SpecialTokens)
        {
            variables[name] = new StringValue(token);
        }

        foreach ((string name, JsonElement value) in input.Variables)
        {
            variables[name] = JsonValues.Of(value, name);
        }

        variables["messages"] = JsonValues.Of(input.Messages, "messages");
        return Render(variables, time ?? TimeProvider.System);
    }

    /// <summary>Renders with exactly these variables.</summary>
    internal string Render(IReadOnlyDictionary<string, Value> variables, TimeProvider time)
    {
        RenderState state = new(_limits, time);
        Scope root = new(null);
        Globals.Define(root);
        Scope scope = new(root);
        foreach ((string name, Value value) in variables)
        {
            scope.Set(name, value);
        }

        OutputBuffer output = new(state);
        _body.Execute(new Frame(state, scope, output));
        return output.ToString();
    }

    private static void AddOptional(Dictionary<string, Value> variables, string name, JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Undefined })
        {
            variables[name] = element is JsonElement given ? JsonValues.Of(given, name) : NoneValue.Instance;
        }
    }
}
