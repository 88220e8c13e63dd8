using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>One call of a builtin: the value it is applied to and its arguments by position in the signature.</summary>
internal sealed record Invocation(
    RenderState State,
    string Name,
    Value Self,
    IReadOnlyList<Value?> Arguments,
    IReadOnlyList<Value> More,
    IReadOnlyList<KeyValuePair<string, Value>> MoreNamed)
{
    /// <summary>An argument, or null when it was not given.</summary>
    public Value? this[int index] => Arguments[index];

    /// <summary>The value itself as text; what is not a string is printed first, as Jinja2's filters do.</summary>
    public string SelfText => PythonRepr.Str(State, Self);

    /// <summary>A required argument.</summary>
    public Value Get(int index) => Arguments[index]!;

    public bool IsTrue(int index, bool missing = false) => Arguments[index]?.IsTrue ?? missing;

    public int Index(int index, int missing = 0) =>
        Arguments[index] is { } value ? Numbers.ToIndex(State, value) : missing;

    /// <summary>A string argument; null when it was not given or is none.</summary>
    public string? Text(int index) => Arguments[index] switch
    {
        null or NoneValue => null,
        StringValue s => s.Text,
        { } other => throw Wrong(other, "str"),
    };

    public string RequiredText(int index) => Text(index) ?? throw Wrong(Get(index), "str");

    public TemplateException Error(string reason) => State.Error(reason);

    private TemplateException Wrong(Value value, string wanted) =>
        State.Error(value is UndefinedValue undefined ? undefined.Message : $"{Name}() argument must be {wanted}, not {value.TypeName}");
}
