using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Methods of lists and tuples that do not change them.</summary>
internal static class SequenceMethods
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        { "index", "value start? stop?", Index },
        { "count", "value", c => new IntValue(Items(c).Count(item => Comparison.AreEqual(c.State, item, c.Get(0)))) },
        { "copy", "", c => c.Self },
    }.ByName;

    private static IReadOnlyList<Value> Items(Invocation call) => ((SequenceValue)call.Self).Items;

    private static Value Index(Invocation call)
    {
        IReadOnlyList<Value> items = Items(call);
        int end = Position(call.Index(2, items.Count));
        for (int i = Position(call.Index(1)); i < end; i++)
        {
            if (Comparison.AreEqual(call.State, items[i], call.Get(0)))
            {
                return new IntValue(i);
            }
        }

        throw call.Error($"{PythonRepr.Repr(call.State, call.Get(0))} is not in {call.Self.TypeName}");

        int Position(int at) => (int)Math.Clamp(at < 0 ? (long)at + items.Count : at, 0, items.Count);
    }
}
