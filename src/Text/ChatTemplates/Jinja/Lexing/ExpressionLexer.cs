using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>Tokens inside of one tag. Brackets must balance; an end mark inside of brackets is no end.</summary>
internal sealed class ExpressionLexer(string source, LineCounter lines, List<Token> tokens)
{
    private readonly Stack<char> _brackets = [];

    /// <summary>Reads from behind the opening mark; gives the position behind the closing one and the space it takes.</summary>
    public int Run(int at, bool isBlock)
    {
        int start = at;
        string close = isBlock ? "%}" : "}}";
        while (true)
        {
            at = TagEnd.SkipSpace(source, at);
            if (at >= source.Length)
            {
                throw Error(start, $"the tag has no end: expected '{close}'");
            }

            if (_brackets.Count == 0 && EndMark(at, close, isBlock) is (int size, char sign))
            {
                Add(isBlock ? TokenKind.BlockEnd : TokenKind.PrintEnd, "", at);
                return TagEnd.After(source, at + size, sign, trimNewline: isBlock);
            }

            at = Token(at);
        }
    }

    private (int Size, char Sign)? EndMark(int at, string close, bool isBlock)
    {
        char sign = source[at] == '-' || (isBlock && source[at] == '+') ? source[at] : ' ';
        int signSize = sign == ' ' ? 0 : 1;
        return string.CompareOrdinal(source, at + signSize, close, 0, 2) == 0 ? (signSize + 2, sign) : null;
    }

    private int Token(int at)
    {
        char c = source[at];
        if (c is '"' or '\'')
        {
            return String(at);
        }

        if (char.IsAsciiDigit(c))
        {
            (int size, bool isFloat) = NumberLiteral.Measure(source, at);
            Add(isFloat ? TokenKind.Float : TokenKind.Integer, source.Substring(at, size), at);
            return at + size;
        }

        if (c == '_' || char.IsLetter(c))
        {
            int end = at + 1;
            while (end < source.Length && (source[end] == '_' || char.IsLetterOrDigit(source[end])))
            {
                end++;
            }

            Add(TokenKind.Name, source[at..end], at);
            return end;
        }

        return Operator(at);
    }

    private int Operator(int at)
    {
        string pair = at + 1 < source.Length ? source.Substring(at, 2) : "";
        if (pair is "//" or "**" or "==" or "!=" or ">=" or "<=")
        {
            Add(TokenKind.Operator, pair, at);
            return at + 2;
        }

        char c = source[at];
        switch (c)
        {
            case '(' or '[' or '{':
                _brackets.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
                break;
            case ')' or ']' or '}':
                if (!_brackets.TryPop(out char expected) || expected != c)
                {
                    throw Error(at, expected == default ? $"unexpected '{c}'" : $"unexpected '{c}', expected '{expected}'");
                }

                break;
            case '+' or '-' or '/' or '*' or '%' or '~' or '>' or '<' or '=' or '.' or ':' or '|' or ',' or ';':
                break;
            default:
                throw Error(at, $"unexpected character {PythonRepr.Quote(source.Substring(at, 1))}");
        }

        Add(TokenKind.Operator, c.ToString(), at);
        return at + 1;
    }

    private int String(int at)
    {
        char quote = source[at];
        int end = at + 1;
        while (end < source.Length && source[end] != quote)
        {
            end += source[end] == '\\' ? 2 : 1;
        }

        if (end >= source.Length)
        {
            throw Error(at, "the string has no end");
        }

        string inner = source[(at + 1)..end];
        string? text = inner.Contains('\\') ? StringLiteral.Unescape(inner) : inner;
        Add(TokenKind.String, text ?? throw Error(at, "the string has a malformed escape (\\x, \\u, \\U or \\N)"), at);
        return end + 1;
    }

    private void Add(TokenKind kind, string text, int at) => tokens.Add(new Token(kind, text, lines.At(at)));

    private TemplateException Error(int at, string reason) => new(TemplateErrorKind.Syntax, reason, lines.At(at));
}
