using System.Globalization;
using System.Text;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// Parses a regular expression in Oniguruma's Ruby syntax (the one Hugging Face tokenizers use) as far as splitting patterns
/// need it: no back references, captures, conditionals or recursion, each refused by name.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxLength = 64 * 1024;

    private readonly PatternCursor _cursor;
    private readonly PatternEscapeParser _escapes;
    private readonly PatternBracketParser _brackets;
    private bool _dotAll;
    private bool _extended;

    private PatternParser(string pattern)
    {
        _cursor = new PatternCursor(pattern);
        _escapes = new PatternEscapeParser(_cursor);
        _brackets = new PatternBracketParser(_cursor, _escapes);
    }

    /// <exception cref="TokenizerFormatException">The pattern is malformed or uses an unsupported construct.</exception>
    public static PatternNode Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new TokenizerFormatException(
                $"A splitting pattern has {pattern.Length} characters; at most {MaxLength} are taken.");
        }

        var parser = new PatternParser(pattern);
        PatternNode node = parser.ParseAlternation();
        return parser._cursor.AtEnd ? node : throw parser._cursor.Error("unmatched ')'");
    }

    private PatternNode ParseAlternation()
    {
        _cursor.Enter("groups");
        var options = new List<PatternNode> { ParseSequence() };
        while (_cursor.Take('|'))
        {
            options.Add(ParseSequence());
        }

        _cursor.Leave();
        return options.Count == 1 ? options[0] : new AlternationNode(options);
    }

    private SequenceNode ParseSequence()
    {
        var items = new List<PatternNode>();
        while (!_cursor.AtEnd && _cursor.Current is not ('|' or ')'))
        {
            if (_extended && (_cursor.Current < 128 && char.IsWhiteSpace((char)_cursor.Current)))
            {
                _cursor.At++;
                continue;
            }

            if (_extended && _cursor.Current == '#')
            {
                while (!_cursor.AtEnd && _cursor.Current != '\n')
                {
                    _cursor.At++;
                }

                continue;
            }

            PatternNode? atom = ParseAtom();
            if (atom is not null)
            {
                items.Add(PatternQuantifiers.Parse(_cursor, atom));
            }
        }

        return new SequenceNode(items);
    }

    private PatternNode? ParseAtom()
    {
        int c = _cursor.Current;
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                return new SetNode(_brackets.Parse());
            case '.':
                _cursor.At++;
                return new SetNode(_dotAll ? CodePointSet.All : CodePointSet.Of('\n').Negate());
            case '^':
                _cursor.At++;
                return new AnchorNode(AnchorKind.LineStart);
            case '$':
                _cursor.At++;
                return new AnchorNode(AnchorKind.LineEnd);
            case '\\':
                return ParseEscape();
            case '*' or '+' or '?':
                throw _cursor.Error($"'{(char)c}' has nothing to repeat");
            default:
                _cursor.At++;
                return Literal(c);
        }
    }

    private SetNode Literal(int codePoint)
    {
        var set = CodePointSet.Of(codePoint);
        return new SetNode(_cursor.IgnoreCase ? CaseFolding.Close(set) : set);
    }

    private PatternNode? ParseGroup()
    {
        _cursor.At++;
        (bool ignoreCase, bool dotAll, bool extended) = (_cursor.IgnoreCase, _dotAll, _extended);
        Func<PatternNode, PatternNode> wrap = n => n;
        if (_cursor.Take('?'))
        {
            if (_cursor.Take('#'))
            {
                while (!_cursor.AtEnd && _cursor.Current != ')')
                {
                    _cursor.At++;
                }

                return _cursor.Take(')') ? null : throw _cursor.Error("a comment does not end");
            }

            if (_cursor.Take('='))
            {
                wrap = n => new LookNode(n, Behind: false, Negative: false);
            }
            else if (_cursor.Take('!'))
            {
                wrap = n => new LookNode(n, Behind: false, Negative: true);
            }
            else if (_cursor.TakeText("<="))
            {
                wrap = n => new LookNode(n, Behind: true, Negative: false);
            }
            else if (_cursor.TakeText("<!"))
            {
                wrap = n => new LookNode(n, Behind: true, Negative: true);
            }
            else if (_cursor.Take('>'))
            {
                wrap = n => new AtomicNode(n);
            }
            else if (_cursor.Take('<') || _cursor.TakeText("P<"))
            {
                while (!_cursor.AtEnd && _cursor.Current != '>')
                {
                    _cursor.At++;
                }

                if (!_cursor.Take('>'))
                {
                    throw _cursor.Error("a group name does not end");
                }
            }
            else if (ParseFlags())
            {
                // (?i) holds to the end of the enclosing group: the rest of it, alternatives included, is its body.
                PatternNode rest = ParseAlternation();
                (_cursor.IgnoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
                return rest;
            }
        }

        PatternNode body = ParseAlternation();
        if (!_cursor.Take(')'))
        {
            throw _cursor.Error("a group does not end");
        }

        (_cursor.IgnoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
        return wrap(body);
    }

    /// <summary>Reads flags after <c>(?</c>; true when they end with ')' and so hold for what follows.</summary>
    private bool ParseFlags()
    {
        bool on = true;
        while (!_cursor.AtEnd)
        {
            int c = _cursor.Current;
            _cursor.At++;
            switch (c)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _cursor.IgnoreCase = on;
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
                    _cursor.At--;
                    throw _cursor.Error($"group (?{new Rune(c)} is not supported");
            }
        }

        throw _cursor.Error("a group does not end");
    }

    private PatternNode ParseEscape()
    {
        if (_cursor.Peek(1) < 0)
        {
            throw _cursor.Error("a lone backslash at the end");
        }

        int c = _cursor.Peek(1);
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
            _cursor.At += 2;
            return new AnchorNode(kind);
        }

        if (c == 'R')
        {
            _cursor.At += 2;
            var newline = new SetNode(CodePointSet.Of([new(0x0A, 0x0D), new(0x85, 0x85), new(0x2028, 0x2029)]));
            return new AtomicNode(new AlternationNode(
                [new SequenceNode([new SetNode(CodePointSet.Of('\r')), new SetNode(CodePointSet.Of('\n'))]), newline]));
        }

        if (c is >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K' or 'X')
        {
            throw _cursor.Error($"\\{(char)c} is not supported");
        }

        if (c is 'w' or 'W')
        {
            _cursor.At += 2;
            return new SetNode(c == 'w' ? UnicodeSets.BareWord : UnicodeSets.BareWord.Negate());
        }

        CodePointSet set = _escapes.Parse(out bool literal);
        return new SetNode(literal && _cursor.IgnoreCase ? CaseFolding.Close(set) : set);
    }

}
