namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary><c>namespace(...)</c>: the one thing a template may change.</summary>
internal sealed class NamespaceValue : Value
{
    public OrderedDictionary<string, Value> Attributes { get; } = [];

    public override string TypeName => "Namespace";
}
