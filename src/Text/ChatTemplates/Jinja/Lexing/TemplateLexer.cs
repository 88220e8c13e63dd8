using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>
/// Cuts a template into tokens as Jinja2 does with trim_blocks and lstrip_blocks: the newline behind a block or comment goes, and so
/// does white space before one that starts its line; '-' takes all white space on its side, '+' keeps it.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly LineCounter _lines;
    private int _at;

    // Whether the last tag ended with a newline, so that what follows starts a line.
    private bool _atLineStart = true;

    private TemplateLexer(string source)
    {
        _source = source;
        _lines = new LineCounter(source);
    }

    public static List<Token> Tokenize(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        TemplateLexer lexer = new(source.EndsWith('\n') ? source[..^1] : source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_at < _source.Length)
        {
            int tag = FindTag();
            if (tag < 0)
            {
                Add(TokenKind.Data, _source[_at..], _at);
                break;
            }

            char kind = _source[tag + 1];
            int inner = tag + 2;
            char sign = inner < _source.Length && _source[inner] is '-' or '+' ? _source[inner] : ' ';
            inner += sign == ' ' ? 0 : 1;
            AddText(tag, kind, sign);
            if (kind == '#')
            {
                Comment(tag, inner);
            }
            else if (kind == '%' && RawBegin(inner) is int raw)
            {
                Raw(tag, raw);
            }
            else
            {
                Add(kind == '%' ? TokenKind.BlockBegin : TokenKind.PrintBegin, "", tag);
                _at = new ExpressionLexer(_source, _lines, _tokens).Run(inner, kind == '%');
            }

            _atLineStart = _source[_at - 1] == '\n';
        }

        Add(TokenKind.End, "", _source.Length);
    }

    private void Add(TokenKind kind, string text, int at) => _tokens.Add(new Token(kind, text, _lines.At(at)));

    private int FindTag()
    {
        for (int at = _at; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Adds the text up to a tag, less the white space that the tag takes away.</summary>
    private void AddText(int end, char kind, char sign)
    {
        int keep = end;
        if (sign == '-')
        {
            keep = SkipBack(end);
        }
        else if (sign != '+' && kind != '{')
        {
            int newline = _source.AsSpan(_at, end - _at).LastIndexOf('\n');
            int from = _at + newline + 1;
            if ((newline >= 0 || _atLineStart) && IsSpace(from, end))
            {
                keep = from;
            }
        }

        if (keep > _at)
        {
            Add(TokenKind.Data, _source[_at..keep], _at);
        }
    }

    private int SkipBack(int end)
    {
        while (end > _at && PythonText.IsSpace(_source[end - 1]))
        {
            end--;
        }

        return end;
    }

    private bool IsSpace(int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (!PythonText.IsSpace(_source[i]))
            {
                return false;
            }
        }

        return true;
    }

    private void Comment(int tag, int inner)
    {
        int end = _source.IndexOf("#}", inner, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException(TemplateErrorKind.Syntax, "the comment has no end: expected '#}'", _lines.At(tag));
        }

        _at = TagEnd.After(_source, end + 2, end > inner ? _source[end - 1] : ' ', trimNewline: true);
    }

    /// <summary>Where the body of a raw block starts, or null when the tag is another one.</summary>
    private int? RawBegin(int inner)
    {
        int at = TagEnd.SkipSpace(_source, inner);
        if (string.CompareOrdinal(_source, at, "raw", 0, 3) != 0)
        {
            return null;
        }

        at = TagEnd.SkipSpace(_source, at + 3);
        bool strips = at < _source.Length && _source[at] == '-';
        at += strips ? 1 : 0;
        return string.CompareOrdinal(_source, at, "%}", 0, 2) != 0 ? null
            : TagEnd.After(_source, at + 2, strips ? '-' : ' ', trimNewline: false);
    }

    private void Raw(int tag, int body)
    {
        for (int at = body; (at = _source.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at++)
        {
            int inner = at + 2;
            char sign = inner < _source.Length && _source[inner] is '-' or '+' ? _source[inner] : ' ';
            inner = TagEnd.SkipSpace(_source, inner + (sign == ' ' ? 0 : 1));
            if (string.CompareOrdinal(_source, inner, "endraw", 0, 6) != 0)
            {
                continue;
            }

            int end = TagEnd.SkipSpace(_source, inner + 6);
            char endSign = end < _source.Length && _source[end] is '-' or '+' ? _source[end] : ' ';
            end += endSign == ' ' ? 0 : 1;
            if (string.CompareOrdinal(_source, end, "%}", 0, 2) == 0)
            {
                _at = body;
                _atLineStart = body > 0 && _source[body - 1] == '\n';
                AddText(at, '%', sign);
                _at = TagEnd.After(_source, end + 2, endSign, trimNewline: true);
                return;
            }
        }

        throw new TemplateException(TemplateErrorKind.Syntax, "the raw block has no end: expected 'endraw'", _lines.At(tag));
    }
}
