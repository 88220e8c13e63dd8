using System.Globalization;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Floats as Python's <c>repr</c> writes them: the shortest digits that read back, with an exponent outside of 1e-4 to 1e16.</summary>
internal static class FloatText
{
    public static string Repr(double value, string nan = "nan", string infinity = "inf")
    {
        if (double.IsNaN(value))
        {
            return nan;
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? infinity : "-" + infinity;
        }

        if (value == 0)
        {
            return double.IsNegative(value) ? "-0.0" : "0.0";
        }

        string scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = Split(shortest);
        string sign = scientific[0] == '-' ? "-" : "";
        return sign + (exponent is < -4 or >= 16 ? WithExponent(digits, exponent) : Plain(digits, exponent));
    }

    /// <summary>Significant digits without zeros at the ends, and the exponent of the first.</summary>
    private static (string Digits, int Exponent) Split(string text)
    {
        text = text.TrimStart('-');
        int mark = text.IndexOf('E');
        int exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = mark < 0 ? text : text[..mark];
        int point = mantissa.IndexOf('.');
        string whole = point < 0 ? mantissa : mantissa[..point];
        string all = whole + (point < 0 ? "" : mantissa[(point + 1)..]);
        string trimmed = all.TrimStart('0');
        exponent += whole.Length - 1 - (all.Length - trimmed.Length);
        return (trimmed.TrimEnd('0'), exponent);
    }

    private static string WithExponent(string digits, int exponent) =>
        (digits.Length > 1 ? digits[..1] + "." + digits[1..] : digits)
        + (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);

    private static string Plain(string digits, int exponent) => exponent switch
    {
        < 0 => "0." + new string('0', -exponent - 1) + digits,
        _ when digits.Length <= exponent + 1 => digits + new string('0', exponent + 1 - digits.Length) + ".0",
        _ => digits[..(exponent + 1)] + "." + digits[(exponent + 1)..],
    };
}
