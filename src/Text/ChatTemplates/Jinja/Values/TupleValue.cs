namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A tuple, perhaps with names for its items, as those that <c>groupby</c> gives.</summary>
internal sealed class TupleValue(IReadOnlyList<Value> items, IReadOnlyList<string>? names = null) : SequenceValue(items)
{
    public IReadOnlyList<string> Names { get; } = names ?? [];

    public override string TypeName => "tuple";
}
