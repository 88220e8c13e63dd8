namespace XLLM.Text.ChatTemplates;

/// <summary>The only exception that parsing or rendering a chat template throws, apart from argument checks.</summary>
public sealed class TemplateException : Exception
{
    /// <param name="kind">Whose fault it is.</param>
    /// <param name="reason">What was wrong, without the place.</param>
    /// <param name="line">Line in the template, from 1; 0 when the fault is not at a line (the variables, for example).</param>
    public TemplateException(TemplateErrorKind kind, string reason, int line)
        : base(kind == TemplateErrorKind.Refused || line == 0 ? reason : $"chat template, line {line}: {reason}")
    {
        Kind = kind;
        Reason = reason;
        Line = line;
    }

    /// <summary>Whose fault it is.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>What was wrong, without the place; for <see cref="TemplateErrorKind.Refused"/> the template's own message.</summary>
    public string Reason { get; }

    /// <summary>Line in the template, from 1, or 0.</summary>
    public int Line { get; }
}
