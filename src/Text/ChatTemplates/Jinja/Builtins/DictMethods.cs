using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Methods of dicts that do not change them.</summary>
internal static class DictMethods
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        { "get", "key default?", c => Dict(c).TryGet(Comparison.Key(c.State, c.Get(0)), out Value? value) ? value : c[1] ?? NoneValue.Instance },
        { "keys", "", c => View(c, "keys", e => e.Key) },
        { "values", "", c => View(c, "values", e => e.Value) },
        { "items", "", c => View(c, "items", e => new TupleValue([e.Key, e.Value])) },
        { "copy", "", c => c.Self },
    }.ByName;

    private static DictValue Dict(Invocation call) => (DictValue)call.Self;

    private static DictViewValue View(Invocation call, string kind, Func<KeyValuePair<Value, Value>, Value> get)
    {
        call.State.ReserveItems(Dict(call).Count);
        return new DictViewValue(kind, [.. Dict(call).Entries.Select(get)]);
    }
}
