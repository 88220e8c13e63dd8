namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
