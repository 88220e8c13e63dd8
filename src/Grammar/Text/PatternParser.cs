using System.Globalization;
using System.Text;

namespace XLLM.Grammar.Text;

/// <summary>
/// Reads ECMA-262 syntax, with <c>.</c> all but line feed. In JSON Schema <c>\d \s \w</c> are over Unicode, as the validators in use have
/// it; elsewhere they are what ECMA-262 says. Backreferences, lookbehind and word boundaries are refused.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxNesting = 100;
    private const int MaxCount = 100_000;
    private static readonly CharSet Dot = CharSet.Of('\n').Complement();

    private readonly int[] _text;
    private readonly bool _ofSchema;
    private int _at;
    private int _nesting;

    private PatternParser(string pattern, bool ofSchema)
    {
        _text = [.. pattern.EnumerateRunes().Select(r => r.Value)];
        _ofSchema = ofSchema;
    }

    public static PatternNode Parse(string pattern, bool ofSchema)
    {
        if (pattern.Length > 65_536)
        {
            throw new PatternException($"a pattern of {pattern.Length} characters; at most 65536 are allowed");
        }

        PatternParser parser = new(pattern, ofSchema);
        PatternNode node = parser.Alternatives();
        return parser._at == parser._text.Length ? node : throw parser.Bad("unbalanced ')'");
    }

    private CharSet Digit => _ofSchema ? UnicodeSets.Digit : EcmaSets.Digit;

    private CharSet Space => _ofSchema ? UnicodeSets.Space : EcmaSets.Space;

    private CharSet Word => _ofSchema ? UnicodeSets.Word : EcmaSets.Word;

    private bool More => _at < _text.Length;

    private int Peek => _at < _text.Length ? _text[_at] : -1;

    private PatternException Bad(string what) => new($"the pattern is malformed at character {_at}: {what}");

    private PatternException No(string what) => new($"{what} (character {_at} of the pattern) cannot be kept by an automaton");

    private bool Take(string text)
    {
        if (_at + text.Length > _text.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (_text[_at + i] != text[i])
            {
                return false;
            }
        }

        _at += text.Length;
        return true;
    }

    private PatternNode Alternatives()
    {
        if (++_nesting > MaxNesting)
        {
            throw new PatternException($"the pattern nests deeper than {MaxNesting}");
        }

        List<PatternNode> parts = [Sequence()];
        while (Take("|"))
        {
            parts.Add(Sequence());
        }

        _nesting--;
        return parts.Count == 1 ? parts[0] : new PatternNode.Choice(parts);
    }

    private PatternNode Sequence()
    {
        List<PatternNode> parts = [];
        while (More && Peek != '|' && Peek != ')')
        {
            parts.Add(Quantified());
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private PatternNode Quantified()
    {
        PatternNode atom = Atom();
        while (More)
        {
            (int Min, int Max) range;
            if (Take("*"))
            {
                range = (0, -1);
            }
            else if (Take("+"))
            {
                range = (1, -1);
            }
            else if (Take("?"))
            {
                range = (0, 1);
            }
            else if (Peek == '{' && Braces() is { } braces)
            {
                range = braces;
            }
            else
            {
                break;
            }

            if (atom is PatternNode.Start or PatternNode.End)
            {
                throw Bad("nothing to repeat");
            }

            if (!Take("?") && Peek == '+')
            {
                throw No("a possessive repetition");
            }

            atom = new PatternNode.Repeat(atom, range.Min, range.Max);
        }

        return atom;
    }

    /// <summary>{m}, {m,}, {m,n}; anything else is literal text.</summary>
    private (int Min, int Max)? Braces()
    {
        int start = _at++;
        int min = Number();
        int max = min;
        if (Take(","))
        {
            max = Peek == '}' ? -1 : Number();
            if (min < 0 && max >= 0)
            {
                min = 0;
            }
        }

        if (min < 0 || !Take("}"))
        {
            _at = start;
            return null;
        }

        return max >= 0 && max < min ? throw Bad("the numbers of a repetition are out of order") : (min, max);
    }

    private int Number()
    {
        int value = -1;
        while (Peek is >= '0' and <= '9')
        {
            value = (Math.Max(value, 0) * 10) + (_text[_at++] - '0');
            if (value > MaxCount)
            {
                throw new PatternException($"a repetition of more than {MaxCount}");
            }
        }

        return value;
    }

    private PatternNode Atom()
    {
        int c = _text[_at++];
        switch (c)
        {
            case '^':
                return new PatternNode.Start();
            case '$':
                return new PatternNode.End();
            case '.':
                return new PatternNode.Chars(Dot);
            case '(':
                return Group();
            case '[':
                return new PatternNode.Chars(Class());
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                _at--;
                throw Bad("nothing to repeat");
            default:
                return new PatternNode.Chars(CharSet.Of(c));
        }
    }

    private PatternNode Group()
    {
        PatternNode node;
        if (Take("?=") || Take("?!"))
        {
            bool negative = _text[_at - 1] == '!';
            node = new PatternNode.Lookahead(Alternatives(), negative);
        }
        else
        {
            if (Take("?<=") || Take("?<!"))
            {
                throw No("lookbehind");
            }

            if (Take("?P<") || Take("?<"))
            {
                while (More && Peek != '>')
                {
                    _at++;
                }

                _at++;
            }
            else if (!Take("?:") && Peek == '?')
            {
                throw No("this kind of group");
            }

            node = Alternatives();
        }

        return Take(")") ? node : throw Bad("a group is not closed");
    }

    private PatternNode Escape()
    {
        if (!More)
        {
            throw Bad("ends in a backslash");
        }

        int c = Peek;
        if (c is 'b' or 'B')
        {
            throw No("a word boundary");
        }

        if (c is 'A' or 'Z' or 'z')
        {
            _at++;
            return c == 'A' ? new PatternNode.Start() : new PatternNode.End();
        }

        if (c is (>= '1' and <= '9') or 'k')
        {
            throw No("a backreference");
        }

        return new PatternNode.Chars(EscapedSet(false));
    }

    private CharSet EscapedSet(bool inClass)
    {
        int c = _text[_at++];
        switch (c)
        {
            case 'd':
                return Digit;
            case 'D':
                return Digit.Complement();
            case 's':
                return Space;
            case 'S':
                return Space.Complement();
            case 'w':
                return Word;
            case 'W':
                return Word.Complement();
            case 'p' or 'P':
                return Property(c == 'P');
            case 'n':
                return CharSet.Of('\n');
            case 'r':
                return CharSet.Of('\r');
            case 't':
                return CharSet.Of('\t');
            case 'f':
                return CharSet.Of('\f');
            case 'v':
                return CharSet.Of('\v');
            case 'a':
                return CharSet.Of('\a');
            case 'b' when inClass:
                return CharSet.Of('\b');
            case '0':
                return CharSet.Of(0);
            case 'x':
                return CharSet.Of(Hex(2));
            case 'u':
                return CharSet.Of(UnicodeEscape());
            case 'c':
                return More && Peek < 128 ? CharSet.Of(_text[_at++] & 31) : throw Bad("\\c without a letter");
            default:
                return c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '1' and <= '9')
                    ? throw Bad($"unknown escape \\{new Rune(c)}")
                    : CharSet.Of(c);
        }
    }

    private int UnicodeEscape()
    {
        if (Take("{"))
        {
            int start = _at;
            while (More && Peek != '}')
            {
                _at++;
            }

            int value = Hex(start, _at - start);
            _at++;
            return value;
        }

        int unit = Hex(4);
        if (unit is >= 0xD800 and < 0xDC00 && Take("\\u"))
        {
            int low = Hex(4);
            return low is >= 0xDC00 and < 0xE000 ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : throw Bad("a lone surrogate");
        }

        return unit;
    }

    private int Hex(int digits)
    {
        _at += digits;
        return Hex(_at - digits, digits);
    }

    private int Hex(int start, int digits)
    {
        if (start + digits > _text.Length || digits is 0 or > 6)
        {
            throw Bad("a hexadecimal escape is cut short");
        }

        string text = string.Concat(_text.AsSpan(start, digits).ToArray().Select(c => c < 128 ? ((char)c).ToString() : "?"));
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value <= CharSet.Last
            ? value
            : throw Bad("a hexadecimal escape has other characters");
    }

    private CharSet Property(bool negative)
    {
        if (!Take("{"))
        {
            throw Bad("\\p without {...}");
        }

        StringBuilder name = new();
        while (More && Peek != '}')
        {
            name.Append((char)_text[_at++]);
        }

        _at++;
        string key = name.ToString();
        key = key[(key.IndexOf('=', StringComparison.Ordinal) + 1)..];
        CharSet set = UnicodeSets.Category(key) ?? throw No($"the property {key}");
        return negative ? set.Complement() : set;
    }

    private CharSet Class()
    {
        bool negative = Take("^");
        CharSet set = CharSet.None;
        bool first = true;
        while (true)
        {
            if (!More)
            {
                throw Bad("a character class is not closed");
            }

            if (Peek == ']' && !first)
            {
                _at++;
                break;
            }

            if (Peek == ']' && first)
            {
                throw Bad("an empty character class");
            }

            first = false;
            (CharSet low, int from) = ClassMember();
            if (from >= 0 && Peek == '-' && _at + 1 < _text.Length && _text[_at + 1] != ']')
            {
                int dash = _at++;
                (CharSet high, int to) = ClassMember();
                if (to >= 0)
                {
                    low = from <= to ? CharSet.Range(from, to) : throw Bad("a range of a class is out of order");
                }
                else
                {
                    _at = dash;
                    _ = high;
                }
            }

            set = set.Union(low);
        }

        return negative ? set.Complement() : set;
    }

    private (CharSet Set, int Single) ClassMember()
    {
        int c = _text[_at++];
        if (c != '\\')
        {
            return (CharSet.Of(c), c);
        }

        if (!More)
        {
            throw Bad("ends in a backslash");
        }

        CharSet set = EscapedSet(true);
        ReadOnlySpan<int> bounds = set.Bounds;
        return (set, bounds.Length == 2 && bounds[1] == bounds[0] + 1 ? bounds[0] : -1);
    }
}
