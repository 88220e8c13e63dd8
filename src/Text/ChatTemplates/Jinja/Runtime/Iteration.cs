using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's <c>iter</c> and <c>len</c>.</summary>
internal static class Iteration
{
    public static bool CanIterate(Value value) =>
        value is StringValue or SequenceValue or DictValue or DictViewValue or RangeValue or IteratorValue or UndefinedValue;

    /// <summary>The items, one step each. Items of an iterator are gone once taken.</summary>
    public static IEnumerable<Value> Items(RenderState state, Value value) => value switch
    {
        SequenceValue sequence => Counted(state, sequence.Items),
        StringValue text => Counted(state, CodePoints.Split(text.Text).Select(c => new StringValue(c))),
        DictValue dict => Counted(state, dict.Entries.Select(e => e.Key)),
        DictViewValue view => Counted(state, view.Items),
        RangeValue range => Counted(state, Enumerable.Range(0, range.Count).Select(range.At)),
        IteratorValue iterator => Counted(state, iterator.Rest(state)),
        UndefinedValue => [],
        _ => throw state.Error($"'{value.TypeName}' object is not iterable"),
    };

    public static List<Value> ToList(RenderState state, Value value)
    {
        List<Value> items = [];
        foreach (Value item in Items(state, value))
        {
            state.ReserveNext(items.Count);
            items.Add(item);
        }

        return items;
    }

    public static int? TryLength(Value value) => value switch
    {
        StringValue s => s.Length,
        SequenceValue s => s.Items.Count,
        DictValue d => d.Count,
        DictViewValue v => v.Items.Count,
        RangeValue r => r.Count,
        UndefinedValue => 0,
        LoopValue l => l.Length(),
        _ => null,
    };

    public static int Length(RenderState state, Value value) =>
        TryLength(value) ?? throw state.Error($"object of type '{value.TypeName}' has no len()");

    private static IEnumerable<Value> Counted(RenderState state, IEnumerable<Value> items)
    {
        foreach (Value item in items)
        {
            state.Step();
            yield return item;
        }
    }
}
