using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary><c>cycler(...)</c>: gives its items in turn.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private int _at;

    public override string TypeName => "Cycler";

    public Value? Attribute(string name) => name switch
    {
        "current" => items[_at],
        "next" => new FunctionValue(new("next", "", _ => Next())),
        "reset" => new FunctionValue(new("reset", "", _ => Reset())),
        _ => null,
    };

    private Value Next()
    {
        Value item = items[_at];
        _at = (_at + 1) % items.Count;
        return item;
    }

    private NoneValue Reset()
    {
        _at = 0;
        return NoneValue.Instance;
    }
}
