using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Python's format specification: [[fill]align][sign][#][0][width][,][.precision][type].</summary>
internal static class FormatSpec
{
    public static string Apply(RenderState state, Value value, string spec)
    {
        if (spec.Length == 0)
        {
            return PythonRepr.Str(state, value);
        }

        int at = 0;
        char? align = null;
        string fill = " ";
        int fillSize = CodePoints.SizeAt(spec, 0);
        if (spec.Length > fillSize && IsAlign(spec[fillSize]))
        {
            (fill, align, at) = (spec[..fillSize], spec[fillSize], fillSize + 1);
        }
        else if (IsAlign(spec[0]))
        {
            (align, at) = (spec[0], 1);
        }

        char sign = Take(spec, ref at, "+- ") ?? '-';
        bool alternate = Take(spec, ref at, "#") is not null;
        bool zeros = Take(spec, ref at, "0") is not null;
        int width = Number(state, spec, ref at) ?? 0;
        char? group = Take(spec, ref at, ",_");
        int? precision = Take(spec, ref at, ".") is null ? null : Number(state, spec, ref at) ?? throw Invalid(state, spec);
        char? type = at < spec.Length ? spec[at++] : null;
        if (at != spec.Length)
        {
            throw Invalid(state, spec);
        }

        if (zeros && align is null)
        {
            (fill, align) = ("0", '=');
        }

        bool isText = !Numbers.IsNumber(value);
        string text = isText ? Text(state, value, type, precision) : Number(state, value, type, sign, alternate, group, precision);
        return Pad(state, text, width, fill, align ?? (isText ? '<' : '>'));
    }

    /// <summary>A text brought to a width in code points; '=' fills between the sign and the digits.</summary>
    public static string Pad(RenderState state, string text, int width, char fill, char align) =>
        Pad(state, text, width, fill.ToString(), align);

    /// <summary>Decimal digits at a position, or null when there is none.</summary>
    public static int? Number(RenderState state, string text, ref int at)
    {
        long number = 0;
        int start = at;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            number = (number * 10) + text[at] - '0';
            if (number > int.MaxValue)
            {
                throw state.Error("too many decimal digits in format string");
            }
        }

        return at > start ? (int)number : null;
    }

    private static string Pad(RenderState state, string text, int width, string fill, char align)
    {
        int missing = width - CodePoints.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        int before = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        string left = TextOperations.Repeat(state, fill, before);
        int signSize = align == '=' && text.Length > 0 && text[0] is '+' or '-' or ' ' ? 1 : 0;
        return text[..signSize] + left + text[signSize..] + TextOperations.Repeat(state, fill, missing - before);
    }

    private static string Text(RenderState state, Value value, char? type, int? precision)
    {
        if (type is not (null or 's') || value is not StringValue)
        {
            throw state.Error($"unsupported format specification for {value.TypeName}");
        }

        string text = PythonRepr.Str(state, value);
        return precision is int length ? text[..CodePoints.IndexOf(text, length)] : text;
    }

    private static string Number(
        RenderState state, Value value, char? type, char sign, bool alternate, char? group, int? precision)
    {
        string magnitude;
        bool negative;
        if (type is null or 'd' or 'x' or 'X' or 'o' or 'b' && Numbers.TryInteger(value, out BigInteger number))
        {
            negative = number.Sign < 0;
            magnitude = NumberFormat.Integer(BigInteger.Abs(number), type ?? 'd', alternate);
        }
        else if (type is null or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or '%')
        {
            double real = Numbers.ToDouble(state, value);
            negative = double.IsNegative(real) && !double.IsNaN(real);
            real = Math.Abs(real);
            magnitude = type is null && precision is null ? FloatText.Repr(real)
                : NumberFormat.Float(state, real, type ?? 'g', precision, alternate);
        }
        else
        {
            throw state.Error($"Unknown format code '{type}' for object of type '{value.TypeName}'");
        }

        magnitude = group is char separator ? NumberFormat.Group(magnitude, separator) : magnitude;
        return (negative ? "-" : sign == '-' ? "" : sign.ToString()) + magnitude;
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '=' or '^';

    private static char? Take(string spec, ref int at, string wanted) =>
        at < spec.Length && wanted.Contains(spec[at]) ? spec[at++] : null;

    private static TemplateException Invalid(RenderState state, string spec) =>
        state.Error($"invalid format specification {PythonRepr.Quote(spec)}");
}
