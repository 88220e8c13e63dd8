namespace XLLM.Text.ChatTemplates;

/// <summary>Whose fault a <see cref="TemplateException"/> is.</summary>
public enum TemplateErrorKind
{
    /// <summary>The template cannot be parsed, or uses what the sandbox does not have.</summary>
    Syntax,

    /// <summary>The template called <c>raise_exception</c>: it refuses these messages. The caller's fault, worth showing to the user.</summary>
    Refused,

    /// <summary>An expression failed: an undefined variable, a wrong type, a forbidden attribute. A template bug or unusual messages.</summary>
    Evaluation,

    /// <summary>A limit of <see cref="TemplateLimits"/> was hit.</summary>
    Limit,
}
