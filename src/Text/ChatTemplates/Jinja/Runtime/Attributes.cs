using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>
/// <c>a.b</c> and <c>a[b]</c>. The first looks for an attribute, then an item; the second the other way round. There are no
/// attributes but those of the method tables, so nothing outside of the template's values can be reached.
/// </summary>
internal static class Attributes
{
    public static Value Get(RenderState state, Value target, string name)
    {
        Arithmetic.RequireDefined(state, target);
        return TryAttribute(state, target, name)
            ?? (target is DictValue dict && dict.TryGet(DictKey.Of(name), out Value? item) ? item : Missing(target, name));
    }

    /// <summary>The attribute only, without a look at items: the filter <c>attr</c>.</summary>
    public static Value GetAttribute(RenderState state, Value target, string name)
    {
        Arithmetic.RequireDefined(state, target);
        return TryAttribute(state, target, name) ?? Missing(target, name);
    }

    public static Value GetItem(RenderState state, Value target, Value key)
    {
        Arithmetic.RequireDefined(state, target);
        Value? item = TryItem(state, target, key);
        if (item is null && key is StringValue name)
        {
            item = TryAttribute(state, target, name.Text) ?? Missing(target, name.Text);
        }

        return item ?? new UndefinedValue($"{Describe(target)} has no element {PythonRepr.Repr(state, key)}");
    }

    private static Value? TryItem(RenderState state, Value target, Value key)
    {
        if (target is DictValue dict)
        {
            return DictKey.TryOf(key, out DictKey name) && dict.TryGet(name, out Value? found) ? found : null;
        }

        if (!Numbers.TryInteger(key, out _) || target is not (SequenceValue or StringValue or RangeValue))
        {
            return null;
        }

        long index = Numbers.ToIndex(state, key);
        int length = Iteration.Length(state, target);
        index += index < 0 ? length : 0;
        if (index < 0 || index >= length)
        {
            return null;
        }

        switch (target)
        {
            case SequenceValue sequence:
                return sequence.Items[(int)index];
            case RangeValue range:
                return range.At((int)index);
            default:
                StringValue text = (StringValue)target;
                if (text.IsBasic)
                {
                    return new StringValue(text.Text[(int)index].ToString());
                }

                state.Scan(text.Text.Length);
                int at = CodePoints.IndexOf(text.Text, (int)index);
                return new StringValue(text.Text.Substring(at, CodePoints.SizeAt(text.Text, at)));
        }
    }

    private static Value? TryAttribute(RenderState state, Value target, string name)
    {
        if (IsInternal(name) || IsMutation(target, name))
        {
            return new UndefinedValue(
                $"access to attribute {PythonRepr.Quote(name)} of {PythonRepr.Quote(target.TypeName)} object is unsafe.");
        }

        return target switch
        {
            StringValue => Bind(StringMethods.Table, target, name),
            DictValue => Bind(DictMethods.Table, target, name),
            TupleValue tuple when tuple.Names.Contains(name) => tuple.Items[tuple.Names.ToList().IndexOf(name)],
            SequenceValue => Bind(SequenceMethods.Table, target, name),
            FloatValue or IntValue or BoolValue => Bind(NumberMethods.Table, target, name),
            NamespaceValue space => space.Attributes.GetValueOrDefault(name),
            LoopValue loop => loop.Attribute(state, name),
            CyclerValue cycler => cycler.Attribute(name),
            MacroValue macro => macro.Attribute(name),
            _ => null,
        };
    }

    private static FunctionValue? Bind(IReadOnlyDictionary<string, Builtin> methods, Value target, string name) =>
        methods.TryGetValue(name, out Builtin? method) ? new FunctionValue(method, target) : null;

    private static bool IsInternal(string name) =>
        name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);

    private static bool IsMutation(Value target, string name) => target switch
    {
        DictValue => name is "clear" or "pop" or "popitem" or "setdefault" or "update",
        ListValue => name is "append" or "clear" or "pop" or "reverse" or "insert" or "sort" or "extend" or "remove",
        _ => false,
    };

    private static UndefinedValue Missing(Value target, string name) =>
        new($"{PythonRepr.Quote(Describe(target))} has no attribute {PythonRepr.Quote(name)}");

    private static string Describe(Value target) => target switch
    {
        NoneValue => "None",
        NamespaceValue => "jinja2.utils.Namespace object",
        LoopValue => "jinja2.runtime.LoopContext object",
        MacroValue => "jinja2.runtime.Macro object",
        _ => target.TypeName + " object",
    };
}
