using System.Numerics;
using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Numbers;

/// <summary>
/// One conjunction of literals about a number, and whether a number written so far can still be completed to satisfy it. Exponents
/// are free, so a prefix stands for all numbers whose leading digits it is.
/// </summary>
internal sealed class NumberCase
{
    private const int MaxExponent = 999;

    private readonly List<Dec> _notUnits = [];
    private readonly List<Dec> _notIn = [];
    private (Dec Value, bool Exclusive)? _low;
    private (Dec Value, bool Exclusive)? _high;
    private Dec? _unit;
    private HashSet<Dec>? _in;
    private bool? _plain;
    private bool? _quick;
    private long _least;
    private long _most;

    /// <summary>Only numbers without fraction and exponent.</summary>
    public bool Plain => _plain == true;

    public static NumberCase? From(IReadOnlyDictionary<Atom, bool> literals)
    {
        NumberCase made = new();
        foreach ((Atom atom, bool positive) in literals)
        {
            switch (atom)
            {
                case Atom.Bound bound when bound.Upper == positive:
                    made.Below(bound.Value, positive ? bound.Exclusive : !bound.Exclusive);
                    break;
                case Atom.Bound bound:
                    made.Above(bound.Value, positive ? bound.Exclusive : !bound.Exclusive);
                    break;
                case Atom.MultipleOf multiple when positive:
                    made._unit = made._unit is { } unit ? Dec.CommonMultiple(unit, multiple.Unit) : multiple.Unit;
                    break;
                case Atom.MultipleOf multiple:
                    made._notUnits.Add(multiple.Unit);
                    break;
                case Atom.NumberIn values when positive:
                    made._in = made._in is null ? values.Values : [.. made._in.Intersect(values.Values)];
                    break;
                case Atom.NumberIn values:
                    made._notIn.AddRange(values.Values);
                    break;
                case Atom.PlainInteger when made._plain == !positive:
                    return null;
                case Atom.PlainInteger:
                    made._plain = positive;
                    break;
            }
        }

        if (made.Plain)
        {
            made._unit = made._unit is { } unit ? Dec.CommonMultiple(unit, Dec.One) : Dec.One;
        }

        return made;
    }

    /// <summary>Whether the number, ended or continued, can satisfy the case.</summary>
    public bool CanComplete(NumberText text) => text.Phase switch
    {
        NumberPhase.Start => AnyOf(false, default, null) || AnyOf(true, default, null),
        NumberPhase.Minus => AnyOf(true, default, null),
        NumberPhase.E or NumberPhase.ESign or NumberPhase.Exponent => !Plain && Exponents(text),
        NumberPhase.Point or NumberPhase.Fraction when Plain => false,
        _ when _plain == false && text.Phase is NumberPhase.Zero or NumberPhase.Integer => Mantissa(text),
        _ => Plain ? PlainDigits(text) : Mantissa(text),
    };

    /// <summary>Whether any digits may follow; only yes is certain.</summary>
    public bool TakesDigits(NumberText? text)
    {
        if (_in is not null || _notIn.Count > 0 || _notUnits.Count > 0
            || !Magnitudes(text?.Negative ?? false, out Dec low, out _, out Dec? high, out _))
        {
            return false;
        }

        return high is not { } top || (_unit is null && _plain is null && low.IsZero && top.Sign > 0);
    }

    private void Above(Dec value, bool exclusive)
    {
        if (_low is not { } low || value.CompareTo(low.Value) > 0 || (value.Equals(low.Value) && exclusive))
        {
            _low = (value, exclusive);
        }
    }

    private void Below(Dec value, bool exclusive)
    {
        if (_high is not { } high || value.CompareTo(high.Value) < 0 || (value.Equals(high.Value) && exclusive))
        {
            _high = (value, exclusive);
        }
    }

    private bool Admits(Dec value) =>
        (_low is not { } low || value.CompareTo(low.Value) is var a && (a > 0 || (a == 0 && !low.Exclusive)))
        && (_high is not { } high || value.CompareTo(high.Value) is var b && (b < 0 || (b == 0 && !high.Exclusive)))
        && (_unit is not { } unit || value.IsMultipleOf(unit))
        && (_in is null || _in.Contains(value))
        && !_notIn.Contains(value)
        && !_notUnits.Exists(value.IsMultipleOf);

    /// <summary>Bounds of the magnitude for a sign; low is at least 0, high null = none. False when no magnitude is left.</summary>
    private bool Magnitudes(bool negative, out Dec low, out bool lowExclusive, out Dec? high, out bool highExclusive)
    {
        var lower = negative ? (_high is { } h ? (h.Value.Negate(), h.Exclusive) : ((Dec, bool)?)null) : _low;
        var upper = negative ? (_low is { } l ? (l.Value.Negate(), l.Exclusive) : ((Dec, bool)?)null) : _high;
        low = default;
        lowExclusive = false;
        if (lower is { } given && given.Item1.Sign >= 0)
        {
            (low, lowExclusive) = given;
        }

        high = upper?.Item1;
        highExclusive = upper?.Item2 ?? false;
        return high is not { } top || top.CompareTo(low) is var order && (order > 0 || (order == 0 && !lowExclusive && !highExclusive));
    }

    /// <summary>Whether some admissible value has a magnitude in [from, to); to null = without end.</summary>
    private bool AnyOf(bool negative, Dec from, Dec? to)
    {
        if (!Magnitudes(negative, out Dec low, out bool lowExclusive, out Dec? high, out bool highExclusive))
        {
            return false;
        }

        if (from.CompareTo(low) > 0)
        {
            (low, lowExclusive) = (from, false);
        }

        if (to is { } end && (high is not { } top || end.CompareTo(top) <= 0))
        {
            (high, highExclusive) = (end, true);
        }

        if (high is { } most && (most.CompareTo(low) < 0 || (most.Equals(low) && (lowExclusive || highExclusive))))
        {
            return false;
        }

        Dec Signed(Dec magnitude) => negative ? magnitude.Negate() : magnitude;
        bool Inside(Dec magnitude) => magnitude.CompareTo(low) is var a && (a > 0 || (a == 0 && !lowExclusive))
            && (high is not { } limit || magnitude.CompareTo(limit) is var b && (b < 0 || (b == 0 && !highExclusive)));

        if (_in is not null)
        {
            return _in.Any(v => (v.IsZero || v.Sign < 0 == negative) && Inside(v.Sign < 0 ? v.Negate() : v) && Admits(v));
        }

        if (_unit is { } unit)
        {
            int exponent = Math.Min(low.Exponent, unit.Exponent);
            BigInteger step = unit.Scaled(exponent);
            BigInteger n = (low.Scaled(exponent) + step - 1) / step;
            for (int tries = 0; tries < 64 + _notIn.Count; tries++, n++)
            {
                Dec value = new(n * step, exponent);
                if (high is { } limit && value.CompareTo(limit) is var order && (order > 0 || (order == 0 && highExclusive)))
                {
                    return false;
                }

                if (Inside(value) && Admits(Signed(value)))
                {
                    return true;
                }
            }

            return false;
        }

        // Decimals lie dense: finitely many holes and multiples cannot fill an interval.
        return high is not { } h2 || !h2.Equals(low) || Admits(Signed(low));
    }

    /// <summary>Digits only: the number itself, or with more digits.</summary>
    private bool PlainDigits(NumberText text)
    {
        if (Quick(text, true) is { } quick)
        {
            return quick;
        }

        if (text.Digits.IsZero)
        {
            return Admits(default);
        }

        if (!Magnitudes(text.Negative, out _, out _, out Dec? high, out _))
        {
            return false;
        }

        for (int k = 0; k <= 400; k++)
        {
            Dec from = new(text.Digits, k);
            if (high is { } top && from.CompareTo(top) > 0)
            {
                return false;
            }

            if (AnyOf(text.Negative, from, new Dec(text.Digits + 1, k)))
            {
                return true;
            }
        }

        return false;
    }

    private bool Mantissa(NumberText text)
    {
        if (Quick(text, false) is { } quick)
        {
            return quick;
        }

        if (text.Digits.IsZero)
        {
            return AnyOf(text.Negative, default, null);
        }

        if (!Magnitudes(text.Negative, out Dec low, out _, out Dec? high, out _))
        {
            return false;
        }

        int length = Length(text.Digits);
        if (_in is not null)
        {
            return _in.Any(v => !v.IsZero && v.Sign < 0 == text.Negative && Admits(v) && Leads(text.Digits, length, BigInteger.Abs(v.Mantissa)));
        }

        if (high is not { } top)
        {
            return true;
        }

        if (top.Sign <= 0 || (_unit is null && low.IsZero))
        {
            return top.Sign > 0;
        }

        int least = _unit is { } unit ? unit.Exponent + Length(unit.Mantissa) : low.Exponent + Length(low.Mantissa);
        if (!low.IsZero)
        {
            least = Math.Max(least, low.Exponent + Length(low.Mantissa));
        }

        int most = top.Exponent + Length(top.Mantissa) - length + 1;
        for (int e = Math.Max(least - length - 1, -2 * MaxExponent); e <= most; e++)
        {
            if (AnyOf(text.Negative, new Dec(text.Digits, e), new Dec(text.Digits + 1, e)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whole numbers between small whole bounds, by machine integers; null where that does not decide.</summary>
    private bool? Quick(NumberText text, bool plain)
    {
        if (_quick is null)
        {
            bool Small(Dec value) => value.IsInteger && value.Exponent <= 15 && BigInteger.Abs(value.Scaled(0)) < 1_000_000_000_000_000;
            _quick = _in is null && _notIn.Count == 0 && _notUnits.Count == 0 && _unit is { } one && one.Equals(Dec.One)
                && (_low is null || Small(_low.Value.Value)) && (_high is null || Small(_high.Value.Value));
            if (_quick == true)
            {
                _least = _low is { } low ? (long)low.Value.Scaled(0) + (low.Exclusive ? 1 : 0) : long.MinValue;
                _most = _high is { } high ? (long)high.Value.Scaled(0) - (high.Exclusive ? 1 : 0) : long.MaxValue;
            }
        }

        if (_quick != true || text.DigitCount > 15 || text.Fraction > 0 || text.Phase == NumberPhase.Point)
        {
            return null;
        }

        long digits = (long)text.Digits;
        long value = text.Negative ? -digits : digits;
        if (value >= _least && value <= _most)
        {
            return true;
        }

        if (digits == 0)
        {
            return plain ? false : null;
        }

        long from = text.Negative ? Math.Max(0, _most == long.MaxValue ? 0 : -_most) : Math.Max(0, _least);
        long to = text.Negative ? (_least == long.MinValue ? long.MaxValue : -_least) : _most;
        if (to <= 0)
        {
            return false;
        }

        for (long low = digits, width = 1; low <= to && low < 1_000_000_000_000_000_000; low *= 10, width *= 10)
        {
            if (low + width - 1 >= from)
            {
                return true;
            }
        }

        if (to == long.MaxValue)
        {
            return null;
        }

        for (long shorter = digits; !plain && shorter % 10 == 0;)
        {
            shorter /= 10;
            if (shorter >= from && shorter <= to)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The mantissa is fixed; some exponent that begins as written must fit.</summary>
    private bool Exponents(NumberText text)
    {
        Dec mantissa = new(text.Negative ? -text.Digits : text.Digits, -text.Fraction);
        if (mantissa.IsZero)
        {
            return Admits(default);
        }

        if (_in is not null)
        {
            return _in.Any(v => v.Mantissa == mantissa.Mantissa && Begins(text, v.Exponent - mantissa.Exponent) && Admits(v));
        }

        if (!Magnitudes(text.Negative, out Dec low, out _, out Dec? high, out _))
        {
            return false;
        }

        int size = mantissa.Exponent + Length(BigInteger.Abs(mantissa.Mantissa));
        int from = low.IsZero ? -MaxExponent : low.Exponent + Length(low.Mantissa) - size - 1;
        int to = high is { } top ? (top.IsZero ? -MaxExponent - 1 : top.Exponent + Length(BigInteger.Abs(top.Mantissa)) - size + 1) : MaxExponent;
        if (_unit is { } unit)
        {
            from = Math.Max(from, unit.Exponent + Length(unit.Mantissa) - size - 1);
        }

        // Where exponents are free towards one side, a few beyond the nearest tell: divisibility by tens only grows.
        from = Math.Max(from, -MaxExponent);
        to = Math.Min(to, MaxExponent);
        int tries = 0;
        for (int e = from; e <= to; e++)
        {
            if (!Begins(text, e))
            {
                continue;
            }

            if (Admits(new Dec(mantissa.Mantissa, mantissa.Exponent + e)))
            {
                return true;
            }

            if (++tries > 1_400)
            {
                break;
            }
        }

        return false;
    }

    /// <summary>Whether the exponent can still be written after what stands there.</summary>
    private static bool Begins(NumberText text, int exponent)
    {
        if (Math.Abs(exponent) > MaxExponent)
        {
            return false;
        }

        if (text.Phase == NumberPhase.E)
        {
            return true;
        }

        if (exponent != 0 && exponent < 0 != text.ExponentNegative)
        {
            return false;
        }

        int magnitude = Math.Abs(exponent);
        if (text.Phase == NumberPhase.ESign || text.Exponent == 0)
        {
            return true;
        }

        while (magnitude > text.Exponent)
        {
            magnitude /= 10;
        }

        return magnitude == text.Exponent;
    }

    private static bool Leads(BigInteger digits, int length, BigInteger value)
    {
        int longer = Length(value) - length;
        return longer >= 0
            ? value / BigInteger.Pow(10, longer) == digits
            : value * BigInteger.Pow(10, -longer) == digits;
    }

    private static int Length(BigInteger value) => value.IsZero ? 1 : value.ToString(System.Globalization.CultureInfo.InvariantCulture).TrimStart('-').Length;
}
