using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Python's <c>format % values</c>.</summary>
internal sealed class PercentFormat
{
    private readonly RenderState _state;
    private readonly string _format;
    private readonly Value _values;
    private readonly OutputBuffer _result;
    private int _at;
    private int _used;

    private PercentFormat(RenderState state, string format, Value values)
    {
        _state = state;
        _format = format;
        _values = values;
        _result = new OutputBuffer(state);
    }

    /// <param name="values">A tuple of values, a dict for <c>%(name)s</c>, or one value.</param>
    public static StringValue Apply(RenderState state, string format, Value values) => new PercentFormat(state, format, values).Run();

    private StringValue Run()
    {
        while (true)
        {
            int percent = _format.IndexOf('%', _at);
            _result.Write(percent < 0 ? _format[_at..] : _format[_at..percent]);
            if (percent < 0)
            {
                break;
            }

            _at = percent + 1;
            Conversion();
        }

        int given = _values is TupleValue tuple ? tuple.Items.Count : _values is DictValue ? 0 : 1;
        return _used < given ? throw _state.Error("not all arguments converted during string formatting")
            : new StringValue(_result.ToString());
    }

    private void Conversion()
    {
        Value? named = Peek() == '(' ? Named() : null;
        int flagsAt = _at;
        while (Peek() is '#' or '0' or '-' or ' ' or '+')
        {
            _at++;
        }

        string flags = _format[flagsAt.._at];
        int? width = Number();
        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = Number() ?? 0;
        }

        while (Peek() is 'h' or 'l' or 'L')
        {
            _at++;
        }

        char type = Peek() ?? throw _state.Error("incomplete format");
        _at++;
        if (type == '%')
        {
            _result.Write("%");
            return;
        }

        Value value = named ?? Next();
        string text = Text(type, value, precision, flags);
        bool zeros = flags.Contains('0') && !flags.Contains('-') && type is not ('s' or 'r' or 'a' or 'c');
        _result.Write(FormatSpec.Pad(_state, text, width ?? 0, zeros ? '0' : ' ', flags.Contains('-') ? '<' : zeros ? '=' : '>'));
    }

    private string Text(char type, Value value, int? precision, string flags)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                string text = type == 's' ? PythonRepr.Str(_state, value) : PythonRepr.Repr(_state, value);
                return precision is int length ? text[..CodePoints.IndexOf(text, length)] : text;
            case 'c':
                return value is StringValue { Length: 1 } point ? point.Text : throw _state.Error("%c requires an int or a unicode character");
        }

        Arithmetic.RequireDefined(_state, value);
        if (!Numbers.IsNumber(value))
        {
            throw _state.Error($"%{type} format: a number is required, not {value.TypeName}");
        }

        string magnitude;
        bool negative;
        if (type is 'd' or 'i' or 'u' or 'x' or 'X' or 'o')
        {
            BigInteger number = Integer(value, type);
            negative = number.Sign < 0;
            magnitude = NumberFormat.Integer(BigInteger.Abs(number), type, flags.Contains('#')).PadLeft(Math.Min(precision ?? 0, 1000), '0');
        }
        else if (type is 'f' or 'F' or 'e' or 'E' or 'g' or 'G')
        {
            double number = Numbers.ToDouble(_state, value);
            negative = double.IsNegative(number) && !double.IsNaN(number);
            magnitude = NumberFormat.Float(_state, Math.Abs(number), type, precision, flags.Contains('#'));
        }
        else
        {
            throw _state.Error($"unsupported format character {PythonRepr.Quote(type.ToString())}");
        }

        return (negative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "") + magnitude;
    }

    private BigInteger Integer(Value value, char type)
    {
        if (Numbers.TryInteger(value, out BigInteger number))
        {
            return number;
        }

        double given = ((FloatValue)value).Number;
        return type is 'd' or 'i' or 'u' && double.IsFinite(given) ? new BigInteger(given)
            : throw _state.Error($"%{type} format: an integer is required, not float");
    }

    private Value Named()
    {
        int end = _format.IndexOf(')', _at);
        if (end < 0 || _values is not DictValue dict)
        {
            throw _state.Error(end < 0 ? "incomplete format key" : "format requires a mapping");
        }

        string name = _format[(_at + 1)..end];
        _at = end + 1;
        return dict.TryGet(DictKey.Of(name), out Value? value) ? value : throw _state.Error($"the format has no value for '{name}'");
    }

    private Value Next()
    {
        IReadOnlyList<Value> values = _values is TupleValue tuple ? tuple.Items : [_values];
        return _used < values.Count ? values[_used++] : throw _state.Error("not enough arguments for format string");
    }

    private int? Number()
    {
        if (Peek() == '*')
        {
            _at++;
            return Numbers.ToIndex(_state, Next());
        }

        return FormatSpec.Number(_state, _format, ref _at);
    }

    private char? Peek() => _at < _format.Length ? _format[_at] : null;
}
