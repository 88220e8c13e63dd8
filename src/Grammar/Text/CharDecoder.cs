namespace XLLM.Grammar.Text;

/// <summary>
/// Bytes of a JSON string to code points: UTF-8 (shortest form, no surrogates), escapes, pairs of <c>\u</c> escapes. A state is an
/// int: 0 between characters, else the kind in the top byte and what was read below. Lone surrogates are refused.
/// </summary>
internal static class CharDecoder
{
    private const int Backslash = 1;
    private const int Hex0 = 2;
    private const int LowBackslash = 6;
    private const int LowU = 7;
    private const int Low0 = 8;
    private const int TwoOne = 12;
    private const int ThreeTwo = 13;
    private const int ThreeOne = 14;
    private const int FourThree = 15;
    private const int FourTwo = 16;
    private const int FourOne = 17;
    private const int Payload = 0xFFFFFF;

    /// <param name="state">0 at first; changed.</param>
    /// <param name="b">The byte.</param>
    /// <param name="json">Inside a JSON string; false = plain text, where quotes, backslashes and controls are characters.</param>
    /// <param name="codePoint">Set when complete.</param>
    public static CharStep Step(ref int state, byte b, bool json, out int codePoint)
    {
        codePoint = b;
        if (state == 0)
        {
            if (b < 0x80)
            {
                return !json ? CharStep.Complete
                    : b == '"' ? CharStep.Closed
                    : b == '\\' ? Pending(ref state, Backslash, 0)
                    : b >= 0x20 ? CharStep.Complete : CharStep.Refused;
            }

            return b switch
            {
                >= 0xC2 and <= 0xDF => Pending(ref state, TwoOne, b & 0x1F),
                >= 0xE0 and <= 0xEF => Pending(ref state, ThreeTwo, b & 0x0F),
                >= 0xF0 and <= 0xF4 => Pending(ref state, FourThree, b & 0x07),
                _ => CharStep.Refused,
            };
        }

        int kind = state >> 24;
        int read = state & Payload;
        return kind >= TwoOne ? Utf8(ref state, kind, read, b, out codePoint) : Escaped(ref state, kind, read, b, out codePoint);
    }

    /// <summary>The code points that may come out of a pending state, as up to two ranges (first above last = none).</summary>
    public static void Ranges(int state, out int first, out int last, out int first2, out int last2)
    {
        (first, last, first2, last2) = (0, CharSet.Last, 1, 0);
        int kind = state >> 24;
        int read = state & Payload;
        switch (kind)
        {
            case >= Hex0 and < LowBackslash:
                int shift = 4 * (4 - (kind - Hex0));
                int from = read << shift;
                int to = from + (1 << shift) - 1;
                int highFrom = Math.Max(from, 0xD800), highTo = Math.Min(to, 0xDBFF);
                (first, last) = from < 0xD800 ? (from, Math.Min(to, 0xD7FF)) : (Math.Max(from, 0xE000), to);
                if (highFrom <= highTo)
                {
                    (first2, last2) = (0x10000 + ((highFrom - 0xD800) << 10), 0x10000 + ((highTo - 0xD800) << 10) + 0x3FF);
                }

                break;
            case LowBackslash or LowU:
                first = 0x10000 + (read << 10);
                last = first + 0x3FF;
                break;
            case >= Low0 and < TwoOne:
                int digits = kind - Low0;
                int high = 0x10000 + ((read >> 12) << 10);
                int lowShift = 4 * (4 - digits);
                int low = (read & 0xFFF) << lowShift;
                first = high + (Math.Max(low, 0xDC00) - 0xDC00);
                last = high + (Math.Min(low + (1 << lowShift) - 1, 0xDFFF) - 0xDC00);
                break;
            case >= TwoOne:
                Utf8Range(kind, read, out first, out last);
                break;
        }
    }

    private static CharStep Pending(ref int state, int kind, int read)
    {
        state = (kind << 24) | read;
        return CharStep.Pending;
    }

    private static CharStep Complete(ref int state)
    {
        state = 0;
        return CharStep.Complete;
    }

    private static CharStep Utf8(ref int state, int kind, int read, byte b, out int codePoint)
    {
        codePoint = (read << 6) | (b & 0x3F);
        if ((b & 0xC0) != 0x80)
        {
            return CharStep.Refused;
        }

        if (kind is TwoOne or ThreeOne or FourOne)
        {
            return Complete(ref state);
        }

        int next = kind switch { ThreeTwo => ThreeOne, FourThree => FourTwo, _ => FourOne };
        Utf8Range(next, codePoint, out int first, out int last);
        return first <= last ? Pending(ref state, next, codePoint) : CharStep.Refused;
    }

    private static void Utf8Range(int kind, int read, out int first, out int last)
    {
        int left = kind switch { TwoOne or ThreeOne or FourOne => 1, ThreeTwo or FourTwo => 2, _ => 3 };
        int least = kind switch { TwoOne => 0x80, ThreeTwo or ThreeOne => 0x800, _ => 0x10000 };
        first = Math.Max(read << (6 * left), least);
        last = Math.Min(((read + 1) << (6 * left)) - 1, CharSet.Last);
        if (first is >= 0xD800 and < 0xE000)
        {
            first = 0xE000;
        }

        if (last is >= 0xD800 and < 0xE000)
        {
            last = 0xD7FF;
        }
    }

    private static CharStep Escaped(ref int state, int kind, int read, byte b, out int codePoint)
    {
        codePoint = 0;
        switch (kind)
        {
            case Backslash:
                if (b == 'u')
                {
                    return Pending(ref state, Hex0, 0);
                }

                codePoint = b switch
                {
                    (byte)'"' or (byte)'\\' or (byte)'/' => b,
                    (byte)'b' => 8,
                    (byte)'f' => 12,
                    (byte)'n' => 10,
                    (byte)'r' => 13,
                    (byte)'t' => 9,
                    _ => -1,
                };
                return codePoint < 0 ? CharStep.Refused : Complete(ref state);
            case LowBackslash:
                return b == '\\' ? Pending(ref state, LowU, read) : CharStep.Refused;
            case LowU:
                return b == 'u' ? Pending(ref state, Low0, read << 12) : CharStep.Refused;
        }

        int digit = b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => -1,
        };
        if (digit < 0)
        {
            return CharStep.Refused;
        }

        if (kind < LowBackslash)
        {
            int value = (read << 4) | digit;
            if (kind < Hex0 + 3)
            {
                // Second digit: DC00..DFFF cannot come first.
                return kind == Hex0 + 1 && value is >= 0xDC and <= 0xDF ? CharStep.Refused : Pending(ref state, kind + 1, value);
            }

            if (value is >= 0xD800 and < 0xDC00)
            {
                return Pending(ref state, LowBackslash, value - 0xD800);
            }

            codePoint = value;
            return value is >= 0xDC00 and < 0xE000 ? CharStep.Refused : Complete(ref state);
        }

        int low = ((read & 0xFFF) << 4) | digit;
        int place = kind - Low0;
        bool possible = place switch { 0 => low == 0xD, 1 => low is >= 0xDC and <= 0xDF, _ => true };
        if (!possible)
        {
            return CharStep.Refused;
        }

        if (place < 3)
        {
            return Pending(ref state, kind + 1, (read & ~0xFFF) | low);
        }

        codePoint = 0x10000 + ((read >> 12) << 10) + (low - 0xDC00);
        return Complete(ref state);
    }
}
