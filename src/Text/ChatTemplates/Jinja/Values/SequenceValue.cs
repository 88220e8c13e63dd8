namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A list or a tuple.</summary>
internal abstract class SequenceValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;

    public override bool IsTrue => Items.Count > 0;
}
