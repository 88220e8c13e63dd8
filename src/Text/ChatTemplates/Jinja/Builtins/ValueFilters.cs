using System.Globalization;
using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Filters on single values: defaults, numbers, JSON.</summary>
internal static class ValueFilters
{
    private const int MaxDigits = 1200;

    public static BuiltinTable All { get; } = new()
    {
        { "default d", "default_value? boolean?", c => Default(c) },
        { "attr", "name", c => Attributes.GetAttribute(c.State, c.Self, c.RequiredText(0)) },
        { "abs", "", Abs },
        { "int", "default? base?", ToInt },
        { "float", "default?", c => ToFloatOr(c) },
        { "round", "precision? method?", Round },
        { "tojson", "ensure_ascii? indent? separators? sort_keys?", JsonFilter.Apply },
    };

    /// <summary>Python's <c>float(value)</c>, or null where that fails.</summary>
    public static double? ToFloat(RenderState state, Value value)
    {
        Arithmetic.RequireDefined(state, value);
        if (Numbers.IsNumber(value))
        {
            return Numbers.ToDouble(state, value);
        }

        return value is StringValue text ? ParseFloat(text.Text) : null;
    }

    private static Value Default(Invocation call) =>
        call.Self is UndefinedValue || (call.IsTrue(1) && !call.Self.IsTrue) ? call[0] ?? StringValue.Empty : call.Self;

    private static Value Abs(Invocation call)
    {
        Arithmetic.RequireDefined(call.State, call.Self);
        return call.Self is FloatValue f ? new FloatValue(Math.Abs(f.Number))
            : Numbers.TryInteger(call.Self, out BigInteger number) ? new IntValue(BigInteger.Abs(number))
            : throw call.Error($"bad operand type for abs(): '{call.Self.TypeName}'");
    }

    private static FloatValue ToFloatOr(Invocation call) =>
        ToFloat(call.State, call.Self) is double number ? new FloatValue(number)
        : call[0] is null ? new FloatValue(0)
        : call.Get(0) is FloatValue given ? given : new FloatValue(Numbers.ToDouble(call.State, call.Get(0)));

    private static Value ToInt(Invocation call)
    {
        Arithmetic.RequireDefined(call.State, call.Self);
        Value missing = call[0] ?? new IntValue(0);
        if (Numbers.TryInteger(call.Self, out BigInteger whole))
        {
            return new IntValue(whole);
        }

        if (call.Self is StringValue text && ParseInteger(text.Text, call.Index(1, 10)) is BigInteger parsed)
        {
            return call.State.Integer(parsed);
        }

        double? number = ToFloat(call.State, call.Self);
        return number is double d && double.IsFinite(d) ? new IntValue(new BigInteger(d)) : missing;
    }

    private static BigInteger? ParseInteger(string text, int radix)
    {
        text = text.Trim();
        bool negative = text.StartsWith('-');
        string digits = text.Length > 0 && text[0] is '-' or '+' ? text[1..] : text;
        string prefix = digits.Length > 2 && digits[0] == '0' ? digits[1].ToString().ToLowerInvariant() : "";
        if ((radix is 16 or 0 && prefix == "x") || (radix is 8 or 0 && prefix == "o") || (radix is 2 or 0 && prefix == "b"))
        {
            radix = prefix == "x" ? 16 : prefix == "o" ? 8 : 2;
            digits = digits[2..];
        }

        radix = radix == 0 ? 10 : radix;
        if (digits.Length is 0 or > MaxDigits || radix is < 2 or > 36 || digits[0] == '_' || digits[^1] == '_'
            || digits.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        BigInteger value = BigInteger.Zero;
        foreach (char c in digits.Where(c => c != '_'))
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return negative ? -value : value;
    }

    private static double? ParseFloat(string text)
    {
        text = text.Trim().Replace("_", "", StringComparison.Ordinal);
        switch (text.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity":
                return text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return text.Length <= MaxDigits && text.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E')
            && double.TryParse(text, Style, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private static Value Round(Invocation call)
    {
        Arithmetic.RequireDefined(call.State, call.Self);
        int precision = call.Index(0);
        string method = call.Text(1) ?? "common";
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw call.Error("method must be common, ceil or floor");
        }

        if (!Numbers.IsNumber(call.Self))
        {
            throw call.Error($"type {call.Self.TypeName} doesn't define __round__ method");
        }

        if (method != "common")
        {
            double scale = Math.Pow(10, precision);
            double scaled = Numbers.ToDouble(call.State, call.Self) * scale;
            return new FloatValue((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale);
        }

        return call.Self is FloatValue f ? new FloatValue(ExactDecimal.Round(f.Number, precision)) : RoundInteger(call, precision);
    }

    private static IntValue RoundInteger(Invocation call, int precision)
    {
        Numbers.TryInteger(call.Self, out BigInteger number);
        if (precision >= 0)
        {
            return new IntValue(number);
        }

        if (precision < -MaxDigits)
        {
            return new IntValue(0);
        }

        BigInteger unit = BigInteger.Pow(10, -precision);
        return new IntValue(ExactDecimal.DivideHalfEven(number, unit) * unit);
    }
}
