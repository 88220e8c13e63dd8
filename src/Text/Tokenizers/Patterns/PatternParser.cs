using System.Globalization;
using System.Text;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// Parses a regular expression in Oniguruma's Ruby syntax (the one Hugging Face tokenizers use) as far as splitting patterns need it:
/// no back references, captures, conditionals or recursion, each refused by name.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxLength = 64 * 1024;
    private const int MaxDepth = 64;
    private const int MaxRepeat = 1000;

    private readonly string _pattern;
    private readonly int[] _codePoints;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;
    private bool _extended;

    private PatternParser(string pattern)
    {
        _pattern = pattern;
        _codePoints = [.. pattern.EnumerateRunes().Select(r => r.Value)];
    }

    private bool AtEnd => _at >= _codePoints.Length;

    private int Current => _codePoints[_at];

    /// <exception cref="TokenizerFormatException">The pattern is malformed or uses an unsupported construct.</exception>
    public static PatternNode Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new TokenizerFormatException($"A splitting pattern has {pattern.Length} characters; at most {MaxLength} are taken.");
        }

        var parser = new PatternParser(pattern);
        PatternNode node = parser.ParseAlternation();
        return parser.AtEnd ? node : throw parser.Error("unmatched ')'");
    }

    private TokenizerFormatException Error(string what)
    {
        string shown = _pattern.Length <= 200 ? _pattern : string.Concat(_pattern.AsSpan(0, 200), "…");
        return new TokenizerFormatException($"Pattern \"{shown}\" at character {_at}: {what}.");
    }

    private bool Take(char c)
    {
        if (AtEnd || Current != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeText(string text)
    {
        if (_at + text.Length > _codePoints.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (_codePoints[_at + i] != text[i])
            {
                return false;
            }
        }

        _at += text.Length;
        return true;
    }

    private PatternNode ParseAlternation()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"groups nest deeper than {MaxDepth}");
        }

        var options = new List<PatternNode> { ParseSequence() };
        while (Take('|'))
        {
            options.Add(ParseSequence());
        }

        _depth--;
        return options.Count == 1 ? options[0] : new AlternationNode(options);
    }

    private SequenceNode ParseSequence()
    {
        var items = new List<PatternNode>();
        while (!AtEnd && Current is not ('|' or ')'))
        {
            if (_extended && (Current < 128 && char.IsWhiteSpace((char)Current)))
            {
                _at++;
                continue;
            }

            if (_extended && Current == '#')
            {
                while (!AtEnd && Current != '\n')
                {
                    _at++;
                }

                continue;
            }

            PatternNode? atom = ParseAtom();
            if (atom is not null)
            {
                items.Add(ParseQuantifiers(atom));
            }
        }

        return new SequenceNode(items);
    }

    private PatternNode ParseQuantifiers(PatternNode atom)
    {
        for (int count = 0; !AtEnd; count++)
        {
            int start = _at;
            (int Min, int Max)? bounds = Current switch
            {
                '*' => (0, int.MaxValue),
                '+' => (1, int.MaxValue),
                '?' => (0, 1),
                '{' => ParseBounds(),
                _ => null,
            };
            if (bounds is not { } b)
            {
                _at = start;
                return atom;
            }

            bool braces = _codePoints[start] == '{';
            if (!braces)
            {
                _at++;
            }

            // In this syntax '+' after {n,m} is not possessive: it repeats the repetition.
            Repetition kind = Take('?') ? Repetition.Lazy : !braces && Take('+') ? Repetition.Possessive : Repetition.Greedy;
            atom = new LoopNode(atom, b.Min, b.Max, kind);
            if (count > MaxDepth)
            {
                throw Error("too many quantifiers in a row");
            }
        }

        return atom;
    }

    private (int Min, int Max)? ParseBounds()
    {
        _at++;
        int? min = ParseNumber();
        int? max = min;
        if (Take(','))
        {
            max = ParseNumber() ?? (min is null ? null : int.MaxValue);
            min ??= max is null ? null : 0;
        }

        if (min is null || max is null || !Take('}'))
        {
            return null;
        }

        return min <= max ? (min.Value, max.Value) : throw Error($"{{{min},{max}}} has its bounds the wrong way round");
    }

    private int? ParseNumber()
    {
        int start = _at;
        int value = 0;
        while (!AtEnd && Current is >= '0' and <= '9')
        {
            value = (value * 10) + (Current - '0');
            _at++;
            if (value > MaxRepeat)
            {
                throw Error($"a repeat count is above {MaxRepeat}");
            }
        }

        return _at == start ? null : value;
    }

    private PatternNode? ParseAtom()
    {
        int c = Current;
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                return new SetNode(ParseBracket());
            case '.':
                _at++;
                return new SetNode(_dotAll ? CodePointSet.All : CodePointSet.Of('\n').Negate());
            case '^':
                _at++;
                return new AnchorNode(AnchorKind.LineStart);
            case '$':
                _at++;
                return new AnchorNode(AnchorKind.LineEnd);
            case '\\':
                return ParseEscape();
            case '*' or '+' or '?':
                throw Error($"'{(char)c}' has nothing to repeat");
            default:
                _at++;
                return Literal(c);
        }
    }

    private SetNode Literal(int codePoint)
    {
        var set = CodePointSet.Of(codePoint);
        return new SetNode(_ignoreCase ? CaseFolding.Close(set) : set);
    }

    private PatternNode? ParseGroup()
    {
        _at++;
        (bool ignoreCase, bool dotAll, bool extended) = (_ignoreCase, _dotAll, _extended);
        Func<PatternNode, PatternNode> wrap = n => n;
        if (Take('?'))
        {
            if (Take('#'))
            {
                while (!AtEnd && Current != ')')
                {
                    _at++;
                }

                return Take(')') ? null : throw Error("a comment does not end");
            }

            if (Take('='))
            {
                wrap = n => new LookNode(n, Behind: false, Negative: false);
            }
            else if (Take('!'))
            {
                wrap = n => new LookNode(n, Behind: false, Negative: true);
            }
            else if (TakeText("<="))
            {
                wrap = n => new LookNode(n, Behind: true, Negative: false);
            }
            else if (TakeText("<!"))
            {
                wrap = n => new LookNode(n, Behind: true, Negative: true);
            }
            else if (Take('>'))
            {
                wrap = n => new AtomicNode(n);
            }
            else if (Take('<') || TakeText("P<"))
            {
                while (!AtEnd && Current != '>')
                {
                    _at++;
                }

                if (!Take('>'))
                {
                    throw Error("a group name does not end");
                }
            }
            else if (ParseFlags())
            {
                // (?i) holds to the end of the enclosing group: the rest of it, alternatives included, is its body.
                PatternNode rest = ParseAlternation();
                (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
                return rest;
            }
        }

        PatternNode body = ParseAlternation();
        if (!Take(')'))
        {
            throw Error("a group does not end");
        }

        (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
        return wrap(body);
    }

    /// <summary>Reads flags after <c>(?</c>; true when they end with ')' and so hold for what follows.</summary>
    private bool ParseFlags()
    {
        bool on = true;
        while (!AtEnd)
        {
            int c = Current;
            _at++;
            switch (c)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 'm' or 's':
                    _dotAll = on;
                    break;
                case 'x':
                    _extended = on;
                    break;
                case 'u':
                    break;
                case ':':
                    return false;
                case ')':
                    return true;
                default:
                    _at--;
                    throw Error($"group (?{new Rune(c)} is not supported");
            }
        }

        throw Error("a group does not end");
    }

    private PatternNode ParseEscape()
    {
        if (_at + 1 >= _codePoints.Length)
        {
            throw Error("a lone backslash at the end");
        }

        int c = _codePoints[_at + 1];
        AnchorKind? anchor = c switch
        {
            'b' => AnchorKind.WordBoundary,
            'B' => AnchorKind.NotWordBoundary,
            'A' => AnchorKind.TextStart,
            'z' => AnchorKind.TextEnd,
            'Z' => AnchorKind.TextEndOrFinalNewline,
            _ => null,
        };
        if (anchor is { } kind)
        {
            _at += 2;
            return new AnchorNode(kind);
        }

        if (c == 'R')
        {
            _at += 2;
            var newline = new SetNode(CodePointSet.Of([new(0x0A, 0x0D), new(0x85, 0x85), new(0x2028, 0x2029)]));
            return new AtomicNode(new AlternationNode(
                [new SequenceNode([new SetNode(CodePointSet.Of('\r')), new SetNode(CodePointSet.Of('\n'))]), newline]));
        }

        if (c is >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K' or 'X')
        {
            throw Error($"\\{(char)c} is not supported");
        }

        if (c is 'w' or 'W')
        {
            _at += 2;
            return new SetNode(c == 'w' ? UnicodeSets.BareWord : UnicodeSets.BareWord.Negate());
        }

        CodePointSet set = ParseSetEscape(out bool literal);
        return new SetNode(literal && _ignoreCase ? CaseFolding.Close(set) : set);
    }

    /// <summary>An escape that stands for a set of code points, inside or outside of brackets; the position is on the backslash.</summary>
    private CodePointSet ParseSetEscape(out bool literal)
    {
        _at++;
        int c = Current;
        _at++;
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
                return Take('{') ? ParseHex(1, 8, closed: true) : ParseHex(1, 2, closed: false);
            case 'u':
                return Take('{') ? ParseHex(1, 6, closed: true) : ParseHex(4, 4, closed: false);
            default:
                return c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') ? throw Error($"\\{(char)c} is not supported") : c;
        }
    }

    private int ParseHex(int min, int max, bool closed)
    {
        int value = 0;
        int count = 0;
        while (!AtEnd && count < max && Current < 128 && char.IsAsciiHexDigit((char)Current))
        {
            value = (value << 4) | Convert.ToInt32(((char)Current).ToString(), 16);
            _at++;
            count++;
        }

        if (count < min || (closed && !Take('}')) || value is < 0 or > CodePointSet.MaxCodePoint)
        {
            throw Error("a hexadecimal code point is malformed");
        }

        return value;
    }

    private CodePointSet ParseProperty(bool negative)
    {
        if (AtEnd)
        {
            throw Error("\\p lacks its name");
        }

        string name;
        if (Take('{'))
        {
            negative ^= Take('^');
            int start = _at;
            while (!AtEnd && Current != '}')
            {
                _at++;
            }

            name = TextOf(start, _at);
            if (!Take('}'))
            {
                throw Error("\\p{ does not end");
            }
        }
        else
        {
            name = TextOf(_at, ++_at);
        }

        CodePointSet set = UnicodeSets.Find(name) ?? throw Error($"property \\p{{{name}}} is not known");
        return negative ? set.Negate() : set;
    }

    private string TextOf(int from, int to)
    {
        var text = new StringBuilder();
        for (int i = from; i < to; i++)
        {
            text.Append(new Rune(_codePoints[i]).ToString());
        }

        return text.ToString();
    }

    private CodePointSet ParseBracket()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"brackets nest deeper than {MaxDepth}");
        }

        _at++;
        bool negative = Take('^');
        var ranges = new List<CodePointRange>();
        CodePointSet? intersection = null;
        bool first = true;
        while (true)
        {
            if (AtEnd)
            {
                throw Error("'[' does not end");
            }

            if (!first && Take(']'))
            {
                break;
            }

            first = false;
            if (TakeText("&&"))
            {
                CodePointSet left = Folded(ranges);
                intersection = intersection is null ? left : intersection.Intersect(left);
                ranges.Clear();
            }
            else if (TakeText("[:"))
            {
                ranges.AddRange(ParsePosix().Ranges);
            }
            else if (Current == '[')
            {
                ranges.AddRange(ParseBracket().Ranges);
            }
            else
            {
                ParseMember(ranges);
            }
        }

        _depth--;
        CodePointSet set = Folded(ranges);
        set = intersection is null ? set : intersection.Intersect(set);
        return negative ? set.Negate() : set;
    }

    private CodePointSet Folded(List<CodePointRange> ranges)
    {
        var set = CodePointSet.Of(ranges);
        return _ignoreCase ? CaseFolding.Close(set) : set;
    }

    private CodePointSet ParsePosix()
    {
        bool negative = Take('^');
        int start = _at;
        while (!AtEnd && Current != ':')
        {
            _at++;
        }

        string name = TextOf(start, _at);
        if (!TakeText(":]"))
        {
            throw Error("[: does not end");
        }

        CodePointSet set = UnicodeSets.Find(name) ?? throw Error($"class [:{name}:] is not known");
        return negative ? set.Negate() : set;
    }

    private void ParseMember(List<CodePointRange> ranges)
    {
        CodePointSet set = ParseMemberItem(out bool single);
        bool range = single && _at + 1 < _codePoints.Length && Current == '-' && _codePoints[_at + 1] is not (']' or '[');
        if (!range)
        {
            ranges.AddRange(set.Ranges);
            return;
        }

        _at++;
        CodePointSet last = ParseMemberItem(out bool singleEnd);
        if (!singleEnd)
        {
            ranges.AddRange(set.Ranges);
            ranges.Add(new CodePointRange('-', '-'));
            ranges.AddRange(last.Ranges);
            return;
        }

        (int low, int high) = (set.Ranges[0].First, last.Ranges[0].First);
        if (low > high)
        {
            throw Error(string.Create(CultureInfo.InvariantCulture, $"range U+{low:X4}-U+{high:X4} is empty"));
        }

        ranges.Add(new CodePointRange(low, high));
    }

    private CodePointSet ParseMemberItem(out bool single)
    {
        if (Current == '\\')
        {
            if (_at + 1 >= _codePoints.Length)
            {
                throw Error("a lone backslash at the end");
            }

            if (_codePoints[_at + 1] == 'b')
            {
                _at += 2;
                single = true;
                return CodePointSet.Of('\b');
            }

            return ParseSetEscape(out single);
        }

        single = true;
        return CodePointSet.Of(_codePoints[_at++]);
    }
}
