using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>A template's source as a tree.</summary>
internal static class TemplateParser
{
    /// <exception cref="TemplateException">The source is too long or no template, or uses what the sandbox does not have.</exception>
    public static Block Parse(string source, TemplateLimits limits)
    {
        if (source.Length > limits.MaxSourceLength)
        {
            throw new TemplateException(
                TemplateErrorKind.Limit, $"a template of {source.Length} characters is longer than the {limits.MaxSourceLength} allowed", 0);
        }

        ParseContext context = new(TemplateLexer.Tokenize(source), limits);
        return new StatementParser(context).ParseAll();
    }
}
