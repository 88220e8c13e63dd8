using System.Globalization;
using System.Text;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Ebnf;

/// <summary>
/// Reads grammars of rules <c>name ::= ...</c>: texts in quotes, classes in brackets, <c>.</c>, names, groups, <c>|</c>, and
/// <c>* + ? {m} {m,} {m,n}</c>; comments from <c>#</c> to the line's end (GBNF, and EBNF as XML's specification writes it).
/// </summary>
internal sealed class EbnfParser
{
    private const int MaxNesting = 100;
    private const int MaxCount = 10_000;

    private readonly int[] _text;
    private int _at;
    private int _nesting;

    private EbnfParser(string grammar) => _text = [.. CodePoints.Of(grammar)];

    /// <exception cref="GrammarRefusedException">The text is no such grammar; the path is <c>#</c> and the line.</exception>
    public static Dictionary<string, EbnfNode> Parse(string grammar)
    {
        EbnfParser parser = new(grammar);
        Dictionary<string, EbnfNode> rules = new(StringComparer.Ordinal);
        parser.Blanks();
        while (parser._at < parser._text.Length)
        {
            string name = parser.Name() ?? throw parser.Bad("a rule 'name ::= ...' is expected");
            parser.Blanks();
            if (!parser.Take("::="))
            {
                throw parser.Bad($"'::=' is expected after '{name}'");
            }

            parser.Blanks();
            if (!rules.TryAdd(name, parser.Alternatives()))
            {
                throw parser.Bad($"'{name}' is defined twice");
            }
        }

        return rules;
    }

    private int Peek => _at < _text.Length ? _text[_at] : -1;

    private GrammarRefusedException Bad(string what) =>
        new($"#line {1 + _text.Take(_at).Count(c => c == '\n')}", "grammar", what);

    private void Blanks()
    {
        while (Peek is ' ' or '\t' or '\r' or '\n' or '#')
        {
            if (Peek == '#')
            {
                while (Peek is not ('\n' or -1))
                {
                    _at++;
                }
            }
            else
            {
                _at++;
            }
        }
    }

    private bool Take(string text)
    {
        if (_at + text.Length > _text.Length || text.Where((c, i) => _text[_at + i] != c).Any())
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    private string? Name()
    {
        bool angled = Peek == '<';
        int start = angled ? _at + 1 : _at;
        int end = start;
        while (end < _text.Length && _text[end] < 128 && (char.IsAsciiLetterOrDigit((char)_text[end]) || _text[end] is '_' or '-'))
        {
            end++;
        }

        if (end == start || (angled && (end >= _text.Length || _text[end] != '>')))
        {
            return null;
        }

        _at = angled ? end + 1 : end;
        return string.Concat(_text[start..end].Select(c => (char)c));
    }

    private bool RuleBegins()
    {
        int back = _at;
        bool begins = false;
        if (Name() is not null)
        {
            Blanks();
            begins = Take("::=");
        }

        _at = back;
        return begins;
    }

    private EbnfNode Alternatives()
    {
        if (++_nesting > MaxNesting)
        {
            throw Bad($"groups nest deeper than {MaxNesting}");
        }

        List<EbnfNode> parts = [Sequence()];
        while (Take("|"))
        {
            Blanks();
            parts.Add(Sequence());
        }

        _nesting--;
        return parts.Count == 1 ? parts[0] : new EbnfNode.Choice(parts);
    }

    private EbnfNode Sequence()
    {
        List<EbnfNode> parts = [];
        while (Peek is not (-1 or '|' or ')') && !RuleBegins())
        {
            EbnfNode item = Item();
            while (Suffix() is { } range)
            {
                item = new EbnfNode.Repeat(item, range.Min, range.Max);
            }

            parts.Add(item);
            Blanks();
        }

        return parts.Count == 1 ? parts[0] : new EbnfNode.Sequence(parts);
    }

    private (int Min, int Max)? Suffix()
    {
        if (Take("*"))
        {
            return (0, -1);
        }

        if (Take("+"))
        {
            return (1, -1);
        }

        if (Take("?"))
        {
            return (0, 1);
        }

        if (!Take("{"))
        {
            return null;
        }

        int min = Number();
        int max = min;
        if (Take(","))
        {
            max = Peek == '}' ? -1 : Number();
        }

        return Take("}") && min >= 0 && (max < 0 || max >= min) ? (min, max) : throw Bad("a count is {m}, {m,} or {m,n}");
    }

    private int Number()
    {
        int value = 0;
        int start = _at;
        while (Peek is >= '0' and <= '9')
        {
            value = (value * 10) + (_text[_at++] - '0');
            if (value > MaxCount)
            {
                throw Bad($"a count above {MaxCount}");
            }
        }

        return _at > start ? value : throw Bad("a number is expected");
    }

    private EbnfNode Item()
    {
        switch (Peek)
        {
            case '"' or '\'':
                return Quoted();
            case '[':
                return new EbnfNode.Chars(Class());
            case '.':
                _at++;
                return new EbnfNode.Chars(CharSet.All);
            case '(':
                _at++;
                Blanks();
                EbnfNode group = Alternatives();
                return Take(")") ? group : throw Bad("a group is not closed");
            default:
                return Name() is { } name ? new EbnfNode.Rule(name) : throw Bad($"unexpected '{Show(Peek)}'");
        }
    }

    private static string Show(int codePoint) => codePoint < 0 ? "end" : char.IsSurrogate((char)codePoint) ? "?" : char.ConvertFromUtf32(codePoint);

    private EbnfNode.Sequence Quoted()
    {
        int quote = _text[_at++];
        List<EbnfNode> parts = [];
        while (Peek != quote)
        {
            parts.Add(new EbnfNode.Chars(CharSet.Of(Character())));
        }

        _at++;
        return new EbnfNode.Sequence(parts);
    }

    private int Character()
    {
        int c = Peek;
        if (c < 0)
        {
            throw Bad("a text or class is not closed");
        }

        _at++;
        if (c != '\\')
        {
            return c;
        }

        int e = Peek;
        _at++;
        return e switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            '"' or '\'' or '\\' or '[' or ']' or '-' or '^' or '/' => e,
            _ => throw Bad($"unknown escape \\{Show(e)}"),
        };
    }

    private int Hex(int digits)
    {
        StringBuilder text = new();
        for (int i = 0; i < digits && Peek is > 0 and < 128; i++)
        {
            text.Append((char)_text[_at++]);
        }

        return text.Length == digits
            && int.TryParse(text.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            && value is >= 0 and <= CharSet.Last and (< 0xD800 or >= 0xE000)
            ? value
            : throw Bad("a hexadecimal escape names no character");
    }

    private CharSet Class()
    {
        _at++;
        bool negative = Take("^");
        List<(int, int)> ranges = [];
        while (!Take("]"))
        {
            int from = Character();
            int to = from;
            if (Peek == '-' && _at + 1 < _text.Length && _text[_at + 1] != ']')
            {
                _at++;
                to = Character();
            }

            ranges.Add(from <= to ? (from, to) : throw Bad("a range of a class is out of order"));
        }

        CharSet set = CharSet.FromRanges(ranges);
        return negative ? set.Complement() : set;
    }
}
