using System.Globalization;
using System.Numerics;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Floats in decimal, rounded from their exact binary value, halves to even, as Python does.</summary>
internal static class ExactDecimal
{
    /// <summary>More digits than any float has behind the point are zeros.</summary>
    public const int MaxDigits = 1100;

    /// <summary>Round of a finite value times 10^digits.</summary>
    public static BigInteger Scaled(double value, int digits)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7ff);
        BigInteger mantissa = (bits & 0xfffffffffffff) | (exponent == 0 ? 0 : 1L << 52);
        exponent = Math.Max(exponent, 1) - 1075;
        BigInteger numerator = mantissa * (exponent > 0 ? BigInteger.One << exponent : BigInteger.One) * BigInteger.Pow(10, Math.Max(digits, 0));
        BigInteger denominator = (exponent < 0 ? BigInteger.One << -exponent : BigInteger.One) * BigInteger.Pow(10, Math.Max(-digits, 0));
        BigInteger result = DivideHalfEven(numerator, denominator);
        return bits < 0 ? -result : result;
    }

    /// <summary>Quotient rounded to the nearest, halves to even; the divisor is positive.</summary>
    public static BigInteger DivideHalfEven(BigInteger number, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(number), divisor, out BigInteger remainder);
        int half = (remainder * 2).CompareTo(divisor);
        if (half > 0 || (half == 0 && !quotient.IsEven))
        {
            quotient += 1;
        }

        return number.Sign < 0 ? -quotient : quotient;
    }

    /// <summary>Python's <c>round(value, digits)</c>.</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value) || value == 0 || digits > 323)
        {
            return value;
        }

        return digits < -309 ? Math.CopySign(0, value) : digits >= 0
            ? double.Parse(Fixed(value, digits), CultureInfo.InvariantCulture)
            : Math.CopySign((double)(BigInteger.Abs(Scaled(value, digits)) * BigInteger.Pow(10, -digits)), value);
    }

    /// <summary><c>%.Nf</c> of a finite value.</summary>
    public static string Fixed(double value, int digits)
    {
        string all = BigInteger.Abs(Scaled(value, digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        string sign = double.IsNegative(value) ? "-" : "";
        return digits == 0 ? sign + all : $"{sign}{all[..^digits]}.{all[^digits..]}";
    }

    /// <summary>Digits of a finite value with one before the point, and its decimal exponent: <c>%.Ne</c>.</summary>
    public static (string Digits, int Exponent) Scientific(double value, int digits)
    {
        if (value == 0)
        {
            return (new string('0', digits + 1), 0);
        }

        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        while (true)
        {
            string all = BigInteger.Abs(Scaled(value, digits - exponent)).ToString(CultureInfo.InvariantCulture);
            if (all.Length == digits + 1)
            {
                return (all, exponent);
            }

            exponent += all.Length > digits + 1 ? 1 : -1;
        }
    }
}
