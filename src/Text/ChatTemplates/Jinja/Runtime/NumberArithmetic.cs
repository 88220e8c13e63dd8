using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's arithmetic on numbers: exact integers, floor division, the sign of the modulus from the divisor.</summary>
internal static class NumberArithmetic
{
    public static Value Apply(RenderState state, string op, Value left, Value right)
    {
        if (op != "/" && Numbers.TryInteger(left, out BigInteger a) && Numbers.TryInteger(right, out BigInteger b))
        {
            return Integer(state, op, a, b);
        }

        double x = Numbers.ToDouble(state, left);
        double y = Numbers.ToDouble(state, right);
        return new FloatValue(op switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => y == 0 ? throw state.Error("division by zero") : x / y,
            "//" => y == 0 ? throw state.Error("division by zero") : FloorDivide(x, y),
            "%" => y == 0 ? throw state.Error("division by zero") : Modulo(x, y),
            _ => Power(state, x, y),
        });
    }

    private static Value Integer(RenderState state, string op, BigInteger a, BigInteger b) => op switch
    {
        "+" => state.Integer(a + b),
        "-" => state.Integer(a - b),
        "*" => state.Integer(a * b),
        "//" => state.Integer(DivideRound(state, a, b).Quotient),
        "%" => state.Integer(DivideRound(state, a, b).Remainder),
        _ => IntegerPower(state, a, b),
    };

    private static (BigInteger Quotient, BigInteger Remainder) DivideRound(RenderState state, BigInteger a, BigInteger b)
    {
        if (b.IsZero)
        {
            throw state.Error("integer division or modulo by zero");
        }

        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? (quotient - 1, remainder + b) : (quotient, remainder);
    }

    private static Value IntegerPower(RenderState state, BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            return a.IsZero ? throw state.Error("0.0 cannot be raised to a negative power")
                : new FloatValue(Power(state, Numbers.ToDouble(state, new IntValue(a)), Numbers.ToDouble(state, new IntValue(b))));
        }

        if (BigInteger.Abs(a) > 1 && b * (a.GetBitLength() - 1) > state.Limits.MaxIntegerBits)
        {
            throw state.LimitError($"an integer of more than {state.Limits.MaxIntegerBits} bits");
        }

        // With a base of -1, 0 or 1 only the exponent's parity and being zero matter.
        int exponent = BigInteger.Abs(a) > 1 ? (int)b : b.IsZero ? 0 : b.IsEven ? 2 : 1;
        return state.Integer(BigInteger.Pow(a, exponent));
    }

    private static double FloorDivide(double x, double y)
    {
        double remainder = x % y;
        double quotient = (x - remainder) / y;
        if (remainder != 0 && (y < 0) != (remainder < 0))
        {
            quotient -= 1;
        }

        if (quotient == 0)
        {
            return Math.CopySign(0, x / y);
        }

        double floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double Modulo(double x, double y)
    {
        double remainder = x % y;
        return remainder == 0 ? Math.CopySign(0, y) : (y < 0) != (remainder < 0) ? remainder + y : remainder;
    }

    private static double Power(RenderState state, double x, double y)
    {
        if (x == 0 && y < 0)
        {
            throw state.Error("0.0 cannot be raised to a negative power");
        }

        if (x < 0 && double.IsFinite(x) && double.IsFinite(y) && !double.IsInteger(y))
        {
            throw state.Error("a negative number cannot be raised to a fractional power");
        }

        double result = Math.Pow(x, y);
        return double.IsInfinity(result) && double.IsFinite(x) && double.IsFinite(y)
            ? throw state.Error("numerical result out of range") : result;
    }
}
