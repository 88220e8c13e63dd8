namespace XLLM.Text.ChatTemplates.Jinja.Values;

internal sealed class ListValue(IReadOnlyList<Value> items) : SequenceValue(items)
{
    public override string TypeName => "list";
}
