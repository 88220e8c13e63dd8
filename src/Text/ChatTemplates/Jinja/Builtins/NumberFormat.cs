using System.Globalization;
using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Magnitudes of numbers by Python's presentation types; signs and widths are the caller's.</summary>
internal static class NumberFormat
{
    private const int DefaultPrecision = 6;

    public static string Integer(BigInteger magnitude, char type, bool alternate) => type switch
    {
        'x' => (alternate ? "0x" : "") + Radix(magnitude, 16),
        'X' => (alternate ? "0X" : "") + Radix(magnitude, 16).ToUpperInvariant(),
        'o' => (alternate ? "0o" : "") + Radix(magnitude, 8),
        'b' => (alternate ? "0b" : "") + Radix(magnitude, 2),
        _ => magnitude.ToString(CultureInfo.InvariantCulture),
    };

    public static string Float(RenderState state, double magnitude, char type, int? precision, bool alternate)
    {
        int digits = precision ?? DefaultPrecision;
        if (digits > ExactDecimal.MaxDigits)
        {
            throw state.LimitError($"a precision of more than {ExactDecimal.MaxDigits} digits");
        }

        string text = !double.IsFinite(magnitude) ? double.IsNaN(magnitude) ? "nan" : "inf"
            : char.ToLowerInvariant(type) switch
            {
                'f' => ExactDecimal.Fixed(magnitude, digits),
                '%' => ExactDecimal.Fixed(magnitude * 100, digits),
                'e' => Exponential(magnitude, digits),
                _ => General(magnitude, Math.Max(digits, 1), alternate),
            };
        return (char.IsUpper(type) ? text.ToUpperInvariant() : text) + (type == '%' ? "%" : "");
    }

    /// <summary>Digits in groups of three.</summary>
    public static string Group(string text, char separator)
    {
        int point = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string whole = point < 0 ? text : text[..point];
        for (int at = whole.Length - 3; at > 0; at -= 3)
        {
            whole = whole.Insert(at, separator.ToString());
        }

        return whole + (point < 0 ? "" : text[point..]);
    }

    private static string Radix(BigInteger magnitude, int radix)
    {
        if (magnitude.IsZero)
        {
            return "0";
        }

        Stack<char> digits = [];
        for (; !magnitude.IsZero; magnitude /= radix)
        {
            digits.Push("0123456789abcdef"[(int)(magnitude % radix)]);
        }

        return string.Concat(digits);
    }

    private static string Exponential(double value, int precision)
    {
        (string digits, int exponent) = ExactDecimal.Scientific(value, precision);
        return (precision == 0 ? digits : digits[..1] + "." + digits[1..]) + Exponent(exponent);
    }

    private static string Exponent(int exponent) =>
        (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);

    private static string General(double value, int precision, bool alternate)
    {
        (string digits, int exponent) = ExactDecimal.Scientific(value, precision - 1);
        bool scientific = exponent < -4 || exponent >= precision;
        string text = scientific ? digits.Length == 1 ? digits : digits[..1] + "." + digits[1..]
            : ExactDecimal.Fixed(value, precision - 1 - exponent);
        text = !alternate && text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
        return scientific ? text + Exponent(exponent) : text;
    }
}
