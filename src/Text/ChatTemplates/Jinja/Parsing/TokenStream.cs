using XLLM.Text.ChatTemplates.Jinja.Lexing;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>The tokens of a template with a position; behind the last one the end repeats.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _at;

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Next()
    {
        Token token = tokens[_at];
        _at = Math.Min(_at + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public bool SkipName(string text) => Skip(Current.IsName(text));

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    public void ExpectName(string text)
    {
        if (!SkipName(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Next() : throw Unexpected(what);

    public TemplateException Unexpected(string wanted) => Error($"expected {wanted}, got {Current.Describe()}");

    public TemplateException Error(string reason) => new(TemplateErrorKind.Syntax, reason, Current.Line);

    private bool Skip(bool matches)
    {
        if (matches)
        {
            Next();
        }

        return matches;
    }
}
