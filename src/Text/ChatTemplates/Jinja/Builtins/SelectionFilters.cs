using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>map, select, reject and their like: generators that work when their items are taken.</summary>
internal static class SelectionFilters
{
    public static BuiltinTable All { get; } = new()
    {
        { "map", "* **", c => new IteratorValue(Map(c)) },
        { "select", "* **", c => new IteratorValue(Select(c, byAttribute: false, wanted: true)) },
        { "reject", "* **", c => new IteratorValue(Select(c, byAttribute: false, wanted: false)) },
        { "selectattr", "* **", c => new IteratorValue(Select(c, byAttribute: true, wanted: true)) },
        { "rejectattr", "* **", c => new IteratorValue(Select(c, byAttribute: true, wanted: false)) },
    };

    private static IEnumerable<Value> Map(Invocation call)
    {
        if (!call.Self.IsTrue)
        {
            yield break;
        }

        Func<Value, Value> apply = Mapping(call);
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            yield return apply(item);
        }
    }

    private static Func<Value, Value> Mapping(Invocation call)
    {
        if (call.More.Count == 0)
        {
            Dictionary<string, Value> named = call.MoreNamed.ToDictionary(StringComparer.Ordinal);
            if (!named.Remove("attribute", out Value? attribute))
            {
                throw call.Error("map requires a filter argument");
            }

            named.Remove("default", out Value? missing);
            return named.Count == 0 ? ItemGetter.Of(call, attribute, missing)
                : throw call.Error($"Unexpected keyword argument '{named.First().Key}'");
        }

        string name = call.More[0] is StringValue s ? s.Text : throw call.Error("map needs the name of a filter");
        Builtin filter = Filters.Table.GetValueOrDefault(name) ?? throw call.Error(Filters.Unknown(name));
        CallArguments arguments = new([.. call.More.Skip(1)], call.MoreNamed);
        return item => filter.Invoke(call.State, item, arguments);
    }

    private static IEnumerable<Value> Select(Invocation call, bool byAttribute, bool wanted)
    {
        if (!call.Self.IsTrue)
        {
            yield break;
        }

        int skip = byAttribute ? 1 : 0;
        if (call.More.Count < skip)
        {
            throw call.Error("Missing parameter for attribute name");
        }

        Func<Value, Value> get = ItemGetter.Of(call, byAttribute ? call.More[0] : null);
        Func<Value, bool> holds = call.More.Count == skip ? value => value.IsTrue : Condition(call, skip);
        foreach (Value item in Iteration.Items(call.State, call.Self))
        {
            if (holds(get(item)) == wanted)
            {
                yield return item;
            }
        }
    }

    private static Func<Value, bool> Condition(Invocation call, int skip)
    {
        string name = call.More[skip] is StringValue s ? s.Text : throw call.Error($"{call.Name} needs the name of a test");
        Builtin test = Tests.Table.GetValueOrDefault(name) ?? throw call.Error($"No test named '{name}'.");
        CallArguments arguments = new([.. call.More.Skip(skip + 1)], call.MoreNamed);
        return value => test.Invoke(call.State, value, arguments).IsTrue;
    }
}
