using System.Globalization;
using System.Numerics;

namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>Number literals: 12, 1_000, 0x1F, 0o17, 0b101, 1.5, 2e10.</summary>
internal static class NumberLiteral
{
    /// <summary>Length of the number at a position where a digit stands, and whether it is a float.</summary>
    public static (int Size, bool IsFloat) Measure(string source, int at)
    {
        int floatEnd = FloatEnd(source, at);
        return floatEnd > at ? (floatEnd - at, true) : (IntegerEnd(source, at) - at, false);
    }

    /// <summary>Value of an integer literal; at most a few thousand digits, checked by the caller.</summary>
    public static BigInteger Integer(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        int radix = digits.Length < 3 ? 10 : char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
        if (radix == 10)
        {
            return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        BigInteger value = BigInteger.Zero;
        foreach (char c in digits.AsSpan(2))
        {
            value = (value * radix) + Convert.ToInt32(c.ToString(), 16);
        }

        return value;
    }

    public static double Float(string text) =>
        double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int FloatEnd(string source, int at)
    {
        if (at > 0 && source[at - 1] == '.')
        {
            return -1;
        }

        int end = Digits(source, at, char.IsAsciiDigit);
        int fraction = end + 1 < source.Length && source[end] == '.' ? Digits(source, end + 1, char.IsAsciiDigit) : -1;
        bool hasFraction = fraction > end + 1;
        end = hasFraction ? fraction : end;
        if (end < source.Length && source[end] is 'e' or 'E')
        {
            int exponent = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            int exponentEnd = Digits(source, exponent, char.IsAsciiDigit);
            if (exponentEnd > exponent)
            {
                return exponentEnd;
            }
        }

        return hasFraction ? end : -1;
    }

    private static int IntegerEnd(string source, int at)
    {
        if (source[at] == '0' && at + 1 < source.Length)
        {
            Func<char, bool>? isDigit = char.ToLowerInvariant(source[at + 1]) switch
            {
                'x' => char.IsAsciiHexDigit,
                'o' => c => c is >= '0' and <= '7',
                'b' => c => c is '0' or '1',
                _ => null,
            };
            int start = at + 2 < source.Length && source[at + 2] == '_' ? at + 3 : at + 2;
            int end = isDigit is null ? at : Digits(source, start, isDigit);
            return end > start ? end : Digits(source, at, c => c == '0');
        }

        return Digits(source, at, char.IsAsciiDigit);
    }

    /// <summary>Behind digits with single underscores between them.</summary>
    private static int Digits(string source, int at, Func<char, bool> isDigit)
    {
        while (at < source.Length
            && (isDigit(source[at]) || (source[at] == '_' && at > 0 && isDigit(source[at - 1]) && at + 1 < source.Length
                && isDigit(source[at + 1]))))
        {
            at++;
        }

        return at;
    }
}
