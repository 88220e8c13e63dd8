namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

/// <summary>
/// A macro as written: parameters, defaults for the last of them, and which of the special variables (caller, kwargs, varargs) its
/// body mentions, since it takes those only then.
/// </summary>
internal sealed record MacroDefinition(
    string Name,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<Expression> Defaults,
    Block Body,
    bool UsesCaller,
    bool UsesNamed,
    bool UsesMore)
{
    public Expression? DefaultOf(int parameter)
    {
        int at = parameter - (Parameters.Count - Defaults.Count);
        return at >= 0 ? Defaults[at] : null;
    }
}
