using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Filters that put in order or look for equals; texts without regard to case unless asked otherwise.</summary>
internal static class SortFilters
{
    public static BuiltinTable All { get; } = new()
    {
        { "sort", "reverse? case_sensitive? attribute?", Sort },
        { "dictsort", "case_sensitive? by? reverse?", DictSort },
        { "unique", "case_sensitive? attribute?", c => new IteratorValue(Unique(c)) },
        { "min", "case_sensitive? attribute?", c => Extreme(c, -1) },
        { "max", "case_sensitive? attribute?", c => Extreme(c, 1) },
        { "groupby", "attribute default? case_sensitive?", GroupBy },
    };

    private static ListValue Sort(Invocation call)
    {
        Func<Value, Value>[] keys = call[2] is StringValue names
            ? [.. names.Text.Split(',').Select(name => Key(call, new StringValue(name)))] : [Key(call, call[2])];
        return Sorted(call, Iteration.ToList(call.State, call.Self), item => new ListValue([.. keys.Select(key => key(item))]), call.IsTrue(0));

        Func<Value, Value> Key(Invocation c, Value? attribute) => ItemGetter.Folding(c, ItemGetter.Of(c, attribute), c.IsTrue(1));
    }

    private static Value DictSort(Invocation call)
    {
        string by = call.Text(1) ?? "key";
        if (by is not ("key" or "value") || call.Self is not DictValue dict)
        {
            throw call.Error(call.Self is DictValue ? "You can only sort by either \"key\" or \"value\"" : "dictsort needs a mapping");
        }

        call.State.ReserveItems(dict.Count);
        Value at = new IntValue(by == "key" ? 0 : 1);
        List<Value> pairs = [.. dict.Entries.Select(e => new TupleValue([e.Key, e.Value]))];
        return Sorted(call, pairs, ItemGetter.Folding(call, ItemGetter.Of(call, at), call.IsTrue(0)), call.IsTrue(2));
    }

    /// <summary>Equal items keep their order, also when the others turn round.</summary>
    private static ListValue Sorted(Invocation call, List<Value> items, Func<Value, Value> key, bool reverse)
    {
        List<(Value Key, Value Item)> keyed = [.. items.Select(item => (key(item), item))];
        keyed = Sorting.Stable(keyed, (a, b) => (reverse ? Order(call, b.Key, a.Key) : Order(call, a.Key, b.Key)));
        return new ListValue([.. keyed.Select(k => k.Item)]);
    }

    private static int Order(Invocation call, Value left, Value right) => Comparison.Order(call.State, left, right, "<") ?? 0;

    private static IEnumerable<Value> Unique(Invocation call)
    {
        Func<Value, Value> key = ItemGetter.Folding(call, ItemGetter.Of(call, call[1]), call.IsTrue(0));
        HashSet<DictKey> seen = [];
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            if (seen.Add(Comparison.Key(call.State, key(item))))
            {
                call.State.ReserveNext(seen.Count);
                yield return item;
            }
        }
    }

    private static Value Extreme(Invocation call, int sign)
    {
        Func<Value, Value> key = ItemGetter.Folding(call, ItemGetter.Of(call, call[1]), call.IsTrue(0));
        Value? best = null;
        Value? bestKey = null;
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            Value itemKey = key(item);
            if (bestKey is null || Order(call, itemKey, bestKey) * sign > 0)
            {
                (best, bestKey) = (item, itemKey);
            }
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    private static ListValue GroupBy(Invocation call)
    {
        Func<Value, Value> get = ItemGetter.Of(call, call[0], call[1]);
        Func<Value, Value> key = ItemGetter.Folding(call, get, call.IsTrue(2));
        ListValue sorted = Sorted(call, Iteration.ToList(call.State, call.Self), key, reverse: false);
        List<Value> groups = [];
        List<Value> group = [];
        Value? current = null;
        foreach (Value item in sorted.Items)
        {
            Value next = key(item);
            if (current is null || !Comparison.AreEqual(call.State, current, next))
            {
                call.State.ReserveNext(groups.Count);
                group = [];
                groups.Add(new TupleValue([get(item), new ListValue(group)], ["grouper", "list"]));
            }

            group.Add(item);
            current = next;
        }

        return new ListValue(groups);
    }
}
