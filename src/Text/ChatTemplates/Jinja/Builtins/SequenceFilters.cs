using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Filters on whole sequences.</summary>
internal static class SequenceFilters
{
    public static BuiltinTable All { get; } = new()
    {
        { "length count", "", c => new IntValue(Iteration.Length(c.State, c.Self)) },
        { "first", "", c => Iteration.Items(c.State, c.Self).FirstOrDefault() ?? new UndefinedValue("No first item, sequence was empty.") },
        { "last", "", c => Last(c) },
        { "list", "", c => new ListValue(Iteration.ToList(c.State, c.Self)) },
        { "join", "d? attribute?", Join },
        { "reverse", "", Reverse },
        { "items", "", Items },
        { "sum", "attribute? start?", Sum },
        { "batch", "linecount fill_with?", c => new IteratorValue(Batch(c)) },
        { "slice", "slices fill_with?", c => new IteratorValue(Slice(c)) },
    };

    private static Value Last(Invocation call)
    {
        if (call.Self is StringValue text)
        {
            return text.Length == 0 ? Empty() : Attributes.GetItem(call.State, text, new IntValue(-1));
        }

        if (call.Self is SequenceValue sequence)
        {
            return sequence.Items.Count == 0 ? Empty() : sequence.Items[^1];
        }

        if (call.Self is IteratorValue or CallableValue or NoneValue)
        {
            throw call.Error($"'{call.Self.TypeName}' object is not reversible");
        }

        return Iteration.Items(call.State, call.Self).LastOrDefault() ?? Empty();

        static UndefinedValue Empty() => new("No last item, sequence was empty.");
    }

    private static Value Join(Invocation call)
    {
        string separator = call[0] is null ? "" : PythonRepr.Str(call.State, call.Get(0));
        Func<Value, Value> get = ItemGetter.Of(call, call[1]);
        OutputBuffer result = new(call.State);
        bool first = true;
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            result.Write(first ? "" : separator);
            result.Write(PythonRepr.Str(call.State, get(item)));
            first = false;
        }

        return new StringValue(result.ToString());
    }

    private static Value Reverse(Invocation call)
    {
        if (call.Self is StringValue text)
        {
            call.State.ReserveText(text.Text.Length);
            return new StringValue(string.Concat(CodePoints.Split(text.Text).Reverse()));
        }

        List<Value> items = Iteration.ToList(call.State, call.Self);
        items.Reverse();
        return new IteratorValue(items);
    }

    private static Value Items(Invocation call) => call.Self switch
    {
        UndefinedValue => new IteratorValue([]),
        DictValue dict => new IteratorValue(dict.Entries.Select(e => new TupleValue([e.Key, e.Value]))),
        _ => throw call.Error("Can only get item pairs from a mapping."),
    };

    private static Value Sum(Invocation call)
    {
        Func<Value, Value> get = ItemGetter.Of(call, call[0]);
        Value sum = call[1] ?? new IntValue(0);
        if (sum is StringValue)
        {
            throw call.Error("sum() can't sum strings [use ''.join(seq) instead]");
        }

        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            sum = Arithmetic.Binary(call.State, "+", sum, get(item));
        }

        return sum;
    }

    private static IEnumerable<Value> Batch(Invocation call)
    {
        int size = call.Index(0);
        List<Value> batch = [];
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            if (batch.Count == size)
            {
                yield return new ListValue(batch);
                batch = [];
            }

            call.State.ReserveNext(batch.Count);
            batch.Add(item);
        }

        if (batch.Count > 0)
        {
            if (call[1] is { } fill and not NoneValue && batch.Count < size)
            {
                call.State.ReserveItems(size);
                batch.AddRange(Enumerable.Repeat(fill, size - batch.Count));
            }

            yield return new ListValue(batch);
        }
    }

    private static IEnumerable<Value> Slice(Invocation call)
    {
        List<Value> items = Iteration.ToList(call.State, call.Self);
        int slices = call.Index(0);
        if (slices == 0)
        {
            throw call.Error("integer division or modulo by zero");
        }

        int size = Math.DivRem(items.Count, Math.Max(slices, 1), out int longer);
        int at = 0;
        for (int i = 0; i < slices; i++)
        {
            int count = size + (i < longer ? 1 : 0);
            call.State.ReserveItems(count + BigInteger.One);
            List<Value> slice = items.GetRange(at, count);
            at += count;
            if (call[1] is { } fill and not NoneValue && i >= longer)
            {
                slice.Add(fill);
            }

            yield return new ListValue(slice);
        }
    }
}
