using System.Numerics;
using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Numbers;

/// <summary>A number written so far, exactly. Immutable. At most 400 digits and exponents of 3 digits are taken.</summary>
internal sealed record NumberText(
    NumberPhase Phase, bool Negative, BigInteger Digits, int DigitCount, int Fraction, int Exponent, bool ExponentNegative)
{
    private const int MaxDigits = 400;
    private const int MaxExponent = 999;

    public static NumberText Empty { get; } = new(NumberPhase.Start, false, 0, 0, 0, 0, false);

    public bool IsComplete => Complete(Phase);

    /// <summary>The value; for complete numbers.</summary>
    public Dec Value => new(Negative ? -Digits : Digits, (ExponentNegative ? -Exponent : Exponent) - Fraction);

    public static bool Complete(NumberPhase phase) =>
        phase is NumberPhase.Zero or NumberPhase.Integer or NumberPhase.Fraction or NumberPhase.Exponent;

    /// <summary>The phase after a byte; <see cref="NumberPhase.Start"/> when the byte cannot follow.</summary>
    public static NumberPhase Next(NumberPhase phase, byte b)
    {
        bool digit = b is >= (byte)'0' and <= (byte)'9';
        return phase switch
        {
            NumberPhase.Start when b == '-' => NumberPhase.Minus,
            NumberPhase.Start or NumberPhase.Minus when b == '0' => NumberPhase.Zero,
            NumberPhase.Start or NumberPhase.Minus when digit => NumberPhase.Integer,
            NumberPhase.Integer when digit => NumberPhase.Integer,
            NumberPhase.Zero or NumberPhase.Integer when b == '.' => NumberPhase.Point,
            NumberPhase.Point or NumberPhase.Fraction when digit => NumberPhase.Fraction,
            NumberPhase.Zero or NumberPhase.Integer or NumberPhase.Fraction when b is (byte)'e' or (byte)'E' => NumberPhase.E,
            NumberPhase.E when b is (byte)'+' or (byte)'-' => NumberPhase.ESign,
            NumberPhase.E or NumberPhase.ESign or NumberPhase.Exponent when digit => NumberPhase.Exponent,
            _ => NumberPhase.Start,
        };
    }

    /// <summary>The number with one more byte, or null when it cannot follow.</summary>
    public NumberText? Append(byte b)
    {
        NumberPhase next = Next(Phase, b);
        int digit = b - '0';
        switch (next)
        {
            case NumberPhase.Start:
                return null;
            case NumberPhase.Minus:
                return this with { Phase = next, Negative = true };
            case NumberPhase.Zero or NumberPhase.Integer or NumberPhase.Fraction:
                return DigitCount >= MaxDigits
                    ? null
                    : this with
                    {
                        Phase = next,
                        Digits = (Digits * 10) + digit,
                        DigitCount = DigitCount + 1,
                        Fraction = Fraction + (next == NumberPhase.Fraction ? 1 : 0),
                    };
            case NumberPhase.ESign:
                return this with { Phase = next, ExponentNegative = b == '-' };
            case NumberPhase.Exponent:
                int exponent = (Exponent * 10) + digit;
                return exponent > MaxExponent ? null : this with { Phase = next, Exponent = exponent };
            default:
                return this with { Phase = next };
        }
    }
}
