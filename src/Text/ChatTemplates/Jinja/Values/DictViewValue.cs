namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> of a dict give: sized and iterable, without indexing.</summary>
internal sealed class DictViewValue(string kind, IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;

    public override string TypeName { get; } = "dict_" + kind;

    public override bool IsTrue => Items.Count > 0;
}
