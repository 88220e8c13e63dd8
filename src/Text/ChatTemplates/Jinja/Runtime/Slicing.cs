using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's slices, with negative positions and steps.</summary>
internal static class Slicing
{
    public static Value Slice(RenderState state, Value target, Value start, Value stop, Value step)
    {
        Arithmetic.RequireDefined(state, target);
        if (target is not (StringValue or SequenceValue or RangeValue))
        {
            throw state.Error(target is DictValue ? "unhashable type: 'slice'" : $"'{target.TypeName}' object is not subscriptable");
        }

        int stride = Bound(state, step) ?? 1;
        if (stride == 0)
        {
            throw state.Error("slice step cannot be zero");
        }

        int length = Iteration.Length(state, target);
        int first = Position(Bound(state, start), length, stride, stride > 0 ? 0 : length - 1);
        int end = Position(Bound(state, stop), length, stride, stride > 0 ? length : -1);
        int count = (int)Math.Max(0, stride > 0 ? ((long)end - first + stride - 1) / stride : ((long)end - first + stride + 1) / stride);
        switch (target)
        {
            case StringValue text:
                return Text(state, text, first, stride, count);
            case RangeValue range:
                return new RangeValue(
                    range.Start + (first * range.Step), range.Start + (end * range.Step), range.Step * stride, count);
            default:
                IReadOnlyList<Value> items = ((SequenceValue)target).Items;
                state.ReserveItems(count);
                Value[] taken = new Value[count];
                for (int i = 0; i < count; i++)
                {
                    taken[i] = items[first + (i * stride)];
                }

                return target is ListValue ? new ListValue(taken) : new TupleValue(taken);
        }
    }

    private static StringValue Text(RenderState state, StringValue text, int first, int stride, int count)
    {
        if (count == 0)
        {
            return StringValue.Empty;
        }

        state.ReserveText(text.Text.Length);
        if (stride == 1)
        {
            int from = text.IsBasic ? first : CodePoints.IndexOf(text.Text, first);
            int to = text.IsBasic ? first + count : CodePoints.IndexOf(text.Text, first + count);
            return new StringValue(text.Text[from..to]);
        }

        state.Step(text.Text.Length);
        string[] points = [.. CodePoints.Split(text.Text)];
        return new StringValue(string.Concat(Enumerable.Range(0, count).Select(i => points[first + (i * stride)])));
    }

    private static int? Bound(RenderState state, Value value) => value switch
    {
        NoneValue => null,
        IntValue or BoolValue => Numbers.ToIndex(state, value),
        _ => throw state.Error("slice indices must be integers or None or have an __index__ method"),
    };

    private static int Position(int? given, int length, int stride, int missing)
    {
        if (given is not int at)
        {
            return missing;
        }

        long position = at < 0 ? (long)at + length : at;
        return (int)(stride > 0 ? Math.Clamp(position, 0, length) : Math.Clamp(position, -1, length - 1));
    }
}
