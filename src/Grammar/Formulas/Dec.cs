using System.Globalization;
using System.Numerics;

namespace XLLM.Grammar.Formulas;

/// <summary>A decimal number, exactly: mantissa times ten to the exponent, the mantissa without trailing zeros.</summary>
internal readonly struct Dec : IEquatable<Dec>, IComparable<Dec>
{
    public static readonly Dec One = new(1, 0);

    public Dec(BigInteger mantissa, int exponent)
    {
        if (mantissa.IsZero)
        {
            exponent = 0;
        }

        while (!mantissa.IsZero)
        {
            BigInteger tenth = BigInteger.DivRem(mantissa, 10, out BigInteger digit);
            if (!digit.IsZero)
            {
                break;
            }

            mantissa = tenth;
            exponent++;
        }

        Mantissa = mantissa;
        Exponent = exponent;
    }

    public BigInteger Mantissa { get; }

    public int Exponent { get; }

    public bool IsZero => Mantissa.IsZero;

    public bool IsInteger => Exponent >= 0;

    public int Sign => Mantissa.Sign;

    /// <summary>Reads a JSON number; null beyond 400 digits or an exponent beyond +-1000.</summary>
    public static Dec? Parse(string text)
    {
        int e = text.IndexOfAny(['e', 'E']);
        int exponent = 0;
        string digits = e < 0 ? text : text[..e];
        if (e >= 0 && (!int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > 1_000))
        {
            return null;
        }

        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= digits.Length - point - 1;
            digits = digits.Remove(point, 1);
        }

        return digits.Length <= 400
            && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger mantissa)
            ? new Dec(mantissa, exponent)
            : null;
    }

    public Dec Negate() => new(-Mantissa, Exponent);

    /// <summary>The value in units of ten to the exponent, which must not be above <see cref="Exponent"/>.</summary>
    public BigInteger Scaled(int exponent) => Mantissa * BigInteger.Pow(10, Exponent - exponent);

    public bool IsMultipleOf(Dec unit)
    {
        if (IsZero)
        {
            return true;
        }

        int exponent = Math.Min(Exponent, unit.Exponent);
        return (Scaled(exponent) % unit.Scaled(exponent)).IsZero;
    }

    /// <summary>The least positive number that both are divisors of.</summary>
    public static Dec CommonMultiple(Dec a, Dec b)
    {
        int exponent = Math.Min(a.Exponent, b.Exponent);
        BigInteger x = a.Scaled(exponent), y = b.Scaled(exponent);
        return new Dec(x / BigInteger.GreatestCommonDivisor(x, y) * y, exponent);
    }

    public int CompareTo(Dec other)
    {
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }

        int exponent = Math.Min(Exponent, other.Exponent);
        return Scaled(exponent).CompareTo(other.Scaled(exponent));
    }

    public bool Equals(Dec other) => Exponent == other.Exponent && Mantissa == other.Mantissa;

    public override bool Equals(object? obj) => obj is Dec other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Mantissa, Exponent);

    public override string ToString() => $"{Mantissa}e{Exponent}";
}
