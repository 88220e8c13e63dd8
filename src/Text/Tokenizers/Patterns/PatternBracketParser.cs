using System.Globalization;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Parses the bracket expressions of a pattern: ranges, escapes, POSIX classes, nested brackets and intersections.</summary>
internal sealed class PatternBracketParser(PatternCursor cursor, PatternEscapeParser escapes)
{
    private readonly PatternCursor _cursor = cursor;

    /// <summary>The set of the bracket expression at the cursor.</summary>
    public CodePointSet Parse()
    {
        _cursor.Enter("brackets");

        _cursor.At++;
        bool negative = _cursor.Take('^');
        var ranges = new List<CodePointRange>();
        CodePointSet? intersection = null;
        bool first = true;
        while (true)
        {
            if (_cursor.AtEnd)
            {
                throw _cursor.Error("'[' does not end");
            }

            if (!first && _cursor.Take(']'))
            {
                break;
            }

            first = false;
            if (_cursor.TakeText("&&"))
            {
                CodePointSet left = Folded(ranges);
                intersection = intersection is null ? left : intersection.Intersect(left);
                ranges.Clear();
            }
            else if (_cursor.TakeText("[:"))
            {
                ranges.AddRange(ParsePosix().Ranges);
            }
            else if (_cursor.Current == '[')
            {
                ranges.AddRange(Parse().Ranges);
            }
            else
            {
                ParseMember(ranges);
            }
        }

        _cursor.Leave();
        CodePointSet set = Folded(ranges);
        set = intersection is null ? set : intersection.Intersect(set);
        return negative ? set.Negate() : set;
    }

    private CodePointSet Folded(List<CodePointRange> ranges)
    {
        var set = CodePointSet.Of(ranges);
        return _cursor.IgnoreCase ? CaseFolding.Close(set) : set;
    }

    private CodePointSet ParsePosix()
    {
        bool negative = _cursor.Take('^');
        int start = _cursor.At;
        while (!_cursor.AtEnd && _cursor.Current != ':')
        {
            _cursor.At++;
        }

        string name = _cursor.TextOf(start, _cursor.At);
        if (!_cursor.TakeText(":]"))
        {
            throw _cursor.Error("[: does not end");
        }

        CodePointSet set = UnicodeSets.Find(name) ?? throw _cursor.Error($"class [:{name}:] is not known");
        return negative ? set.Negate() : set;
    }

    private void ParseMember(List<CodePointRange> ranges)
    {
        CodePointSet set = ParseMemberItem(out bool single);
        bool range = single && _cursor.Peek(1) >= 0 && _cursor.Current == '-' && _cursor.Peek(1) is not (']' or '[');
        if (!range)
        {
            ranges.AddRange(set.Ranges);
            return;
        }

        _cursor.At++;
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
            throw _cursor.Error(string.Create(CultureInfo.InvariantCulture, $"range U+{low:X4}-U+{high:X4} is empty"));
        }

        ranges.Add(new CodePointRange(low, high));
    }

    private CodePointSet ParseMemberItem(out bool single)
    {
        if (_cursor.Current == '\\')
        {
            if (_cursor.Peek(1) < 0)
            {
                throw _cursor.Error("a lone backslash at the end");
            }

            if (_cursor.Peek(1) == 'b')
            {
                _cursor.At += 2;
                single = true;
                return CodePointSet.Of('\b');
            }

            return escapes.Parse(out single);
        }

        single = true;
        int c = _cursor.Current;
        _cursor.At++;
        return CodePointSet.Of(c);
    }
}
