namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Parses what follows an atom: <c>* + ? {n,m}</c>, greedy, lazy or possessive.</summary>
internal static class PatternQuantifiers
{
    private const int MaxStacked = 64;
    private const int MaxRepeat = 1000;

    public static PatternNode Parse(PatternCursor cursor, PatternNode atom)
    {
        for (int count = 0; !cursor.AtEnd; count++)
        {
            int start = cursor.At;
            bool atBrace = cursor.Current == '{';
            (int Min, int Max)? bounds = cursor.Current switch
            {
                '*' => (0, int.MaxValue),
                '+' => (1, int.MaxValue),
                '?' => (0, 1),
                '{' => ParseBounds(cursor),
                _ => null,
            };
            if (bounds is not { } b)
            {
                cursor.At = start;
                return atom;
            }

            if (!atBrace)
            {
                cursor.At++;
            }

            // In this syntax '+' after {n,m} is not possessive: it repeats the repetition.
            Repetition kind = cursor.Take('?') ? Repetition.Lazy
                : !atBrace && cursor.Take('+') ? Repetition.Possessive
                : Repetition.Greedy;
            atom = new LoopNode(atom, b.Min, b.Max, kind);
            if (count > MaxStacked)
            {
                throw cursor.Error("too many quantifiers in a row");
            }
        }

        return atom;
    }

    private static (int Min, int Max)? ParseBounds(PatternCursor cursor)
    {
        cursor.At++;
        int? min = ParseNumber(cursor);
        int? max = min;
        if (cursor.Take(','))
        {
            max = ParseNumber(cursor) ?? (min is null ? null : int.MaxValue);
            min ??= max is null ? null : 0;
        }

        if (min is null || max is null || !cursor.Take('}'))
        {
            return null;
        }

        return min <= max ? (min.Value, max.Value) : throw cursor.Error($"{{{min},{max}}} has its bounds the wrong way round");
    }

    private static int? ParseNumber(PatternCursor cursor)
    {
        int start = cursor.At;
        int value = 0;
        while (!cursor.AtEnd && cursor.Current is >= '0' and <= '9')
        {
            value = (value * 10) + (cursor.Current - '0');
            cursor.At++;
            if (value > MaxRepeat)
            {
                throw cursor.Error($"a repeat count is above {MaxRepeat}");
            }
        }

        return cursor.At == start ? null : value;
    }
}
