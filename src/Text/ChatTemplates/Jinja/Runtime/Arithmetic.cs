using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's binary and unary operators on values.</summary>
internal static class Arithmetic
{
    public static Value Binary(RenderState state, string op, Value left, Value right)
    {
        RequireDefined(state, left);
        if (op == "%" && left is StringValue format)
        {
            return PercentFormat.Apply(state, format.Text, right);
        }

        RequireDefined(state, right);
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
        {
            return NumberArithmetic.Apply(state, op, left, right);
        }

        return op switch
        {
            "+" => Add(state, left, right),
            "*" when Numbers.TryInteger(right, out BigInteger count) && left is StringValue or SequenceValue =>
                Repeat(state, left, count),
            "*" when Numbers.TryInteger(left, out BigInteger count) && right is StringValue or SequenceValue =>
                Repeat(state, right, count),
            _ => throw Unsupported(state, op, left, right),
        };
    }

    public static Value Negate(RenderState state, Value value) => value switch
    {
        FloatValue f => new FloatValue(-f.Number),
        _ when Numbers.TryInteger(value, out BigInteger number) => new IntValue(-number),
        _ => throw UnaryError(state, "-", value),
    };

    public static Value Plus(RenderState state, Value value) => value switch
    {
        FloatValue => value,
        _ when Numbers.TryInteger(value, out BigInteger number) => new IntValue(number),
        _ => throw UnaryError(state, "+", value),
    };

    public static void RequireDefined(RenderState state, Value value)
    {
        if (value is UndefinedValue undefined)
        {
            throw state.Error(undefined.Message);
        }
    }

    public static TemplateException Unsupported(RenderState state, string op, Value left, Value right) =>
        state.Error($"unsupported operand type(s) for {op}: '{left.TypeName}' and '{right.TypeName}'");

    private static TemplateException UnaryError(RenderState state, string op, Value value)
    {
        RequireDefined(state, value);
        return state.Error($"bad operand type for unary {op}: '{value.TypeName}'");
    }

    private static Value Add(RenderState state, Value left, Value right)
    {
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                state.ReserveText((long)a.Text.Length + b.Text.Length);
                return new StringValue(a.Text + b.Text);
            case (StringValue, _):
                throw state.Error($"can only concatenate str (not \"{right.TypeName}\") to str");
            case (ListValue a, ListValue b):
                return new ListValue(Join(state, a, b));
            case (TupleValue a, TupleValue b):
                return new TupleValue(Join(state, a, b));
            case (SequenceValue, _):
                throw state.Error($"can only concatenate {left.TypeName} (not \"{right.TypeName}\") to {left.TypeName}");
            default:
                throw Unsupported(state, "+", left, right);
        }
    }

    private static Value[] Join(RenderState state, SequenceValue left, SequenceValue right)
    {
        state.ReserveItems((long)left.Items.Count + right.Items.Count);
        return [.. left.Items, .. right.Items];
    }

    private static Value Repeat(RenderState state, Value value, BigInteger count)
    {
        count = BigInteger.Max(count, 0);
        if (value is StringValue text)
        {
            BigInteger length = count * text.Text.Length;
            state.ReserveText(length > int.MaxValue ? int.MaxValue : (long)length);
            return text.Text.Length == 0 ? text : new StringValue(new System.Text.StringBuilder().Insert(0, text.Text, (int)count).ToString());
        }

        SequenceValue sequence = (SequenceValue)value;
        state.ReserveItems(count * sequence.Items.Count);
        Value[] items = sequence.Items.Count == 0 ? [] : [.. Enumerable.Repeat(sequence.Items, (int)count).SelectMany(i => i)];
        return value is ListValue ? new ListValue(items) : new TupleValue(items);
    }
}
