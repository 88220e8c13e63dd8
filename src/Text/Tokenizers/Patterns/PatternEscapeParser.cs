namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Parses the escapes of a pattern that stand for a set of code points.</summary>
internal sealed class PatternEscapeParser(PatternCursor cursor)
{
    private readonly PatternCursor _cursor = cursor;

    /// <summary>
    /// An escape that stands for a set of code points, inside or outside of brackets; the position is on the backslash.
    /// </summary>
    public CodePointSet Parse(out bool literal)
    {
        _cursor.At++;
        int c = _cursor.Current;
        _cursor.At++;
        literal = false;
        switch (c)
        {
            case 's':
                return UnicodeSets.Space;
            case 'S':
                return UnicodeSets.Space.Negate();
            case 'd':
                return UnicodeSets.Digit;
            case 'D':
                return UnicodeSets.Digit.Negate();
            case 'w':
                return UnicodeSets.Word;
            case 'W':
                return UnicodeSets.Word.Negate();
            case 'h':
                return UnicodeSets.Find("xdigit")!;
            case 'H':
                return UnicodeSets.Find("xdigit")!.Negate();
            case 'p' or 'P':
                return ParseProperty(negative: c == 'P');
            default:
                literal = true;
                return CodePointSet.Of(ParseLiteralEscape(c));
        }
    }

    private int ParseLiteralEscape(int c)
    {
        switch (c)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case '0':
                return 0;
            case 'x':
                return _cursor.Take('{') ? ParseHex(1, 8, closed: true) : ParseHex(1, 2, closed: false);
            case 'u':
                return _cursor.Take('{') ? ParseHex(1, 6, closed: true) : ParseHex(4, 4, closed: false);
            default:
                return c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') ? throw _cursor.Error($"\\{(char)c} is not supported") : c;
        }
    }

    private int ParseHex(int min, int max, bool closed)
    {
        int value = 0;
        int count = 0;
        while (!_cursor.AtEnd && count < max && _cursor.Current < 128 && char.IsAsciiHexDigit((char)_cursor.Current))
        {
            value = (value << 4) | Convert.ToInt32(((char)_cursor.Current).ToString(), 16);
            _cursor.At++;
            count++;
        }

        if (count < min || (closed && !_cursor.Take('}')) || value is < 0 or > CodePointSet.MaxCodePoint)
        {
            throw _cursor.Error("a hexadecimal code point is malformed");
        }

        return value;
    }

    private CodePointSet ParseProperty(bool negative)
    {
        if (_cursor.AtEnd)
        {
            throw _cursor.Error("\\p lacks its name");
        }

        string name;
        if (_cursor.Take('{'))
        {
            negative ^= _cursor.Take('^');
            int start = _cursor.At;
            while (!_cursor.AtEnd && _cursor.Current != '}')
            {
                _cursor.At++;
            }

            name = _cursor.TextOf(start, _cursor.At);
            if (!_cursor.Take('}'))
            {
                throw _cursor.Error("\\p{ does not end");
            }
        }
        else
        {
            name = _cursor.TextOf(_cursor.At, ++_cursor.At);
        }

        CodePointSet set = UnicodeSets.Find(name) ?? throw _cursor.Error($"property \\p{{{name}}} is not known");
        return negative ? set.Negate() : set;
    }
}
