using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Numbers as Python sees them: a bool is an integer.</summary>
internal static class Numbers
{
    public static bool TryInteger(Value value, out BigInteger number)
    {
        number = value switch
        {
            IntValue i => i.Number,
            BoolValue b => b.IsTrue ? BigInteger.One : BigInteger.Zero,
            _ => default,
        };
        return value is IntValue or BoolValue;
    }

    public static bool IsNumber(Value value) => value is IntValue or BoolValue or FloatValue;

    /// <summary>A number as a float; an integer too large for one is an error, as in Python.</summary>
    public static double ToDouble(RenderState state, Value value)
    {
        if (value is FloatValue f)
        {
            return f.Number;
        }

        TryInteger(value, out BigInteger number);
        double result = (double)number;
        return double.IsInfinity(result) ? throw state.Error("int too large to convert to float") : result;
    }

    /// <summary>An integer argument, clamped to what positions and counts can be.</summary>
    public static int ToIndex(RenderState state, Value value)
    {
        if (!TryInteger(value, out BigInteger number))
        {
            throw state.Error($"'{value.TypeName}' object cannot be interpreted as an integer");
        }

        return (int)BigInteger.Max(-int.MaxValue, BigInteger.Min(int.MaxValue, number));
    }

    /// <summary>-1, 0 or 1; null when one of them is not a number (NaN).</summary>
    public static int? Compare(Value left, Value right)
    {
        if (TryInteger(left, out BigInteger a) && TryInteger(right, out BigInteger b))
        {
            return a.CompareTo(b);
        }

        if (left is FloatValue x && right is FloatValue y)
        {
            return double.IsNaN(x.Number) || double.IsNaN(y.Number) ? null : x.Number.CompareTo(y.Number);
        }

        return left is FloatValue f ? -CompareMixed(right, f.Number) : CompareMixed(left, ((FloatValue)right).Number);
    }

    /// <summary>Compares exactly: the float's whole part, then its fraction.</summary>
    private static int? CompareMixed(Value integer, double number)
    {
        if (double.IsNaN(number))
        {
            return null;
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? -1 : 1;
        }

        TryInteger(integer, out BigInteger a);
        int whole = a.CompareTo(new BigInteger(Math.Truncate(number)));
        return whole != 0 ? whole : 0.0.CompareTo(number - Math.Truncate(number));
    }
}
