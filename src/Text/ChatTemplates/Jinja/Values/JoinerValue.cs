using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary><c>joiner(separator)</c>: nothing when called first, the separator from then on.</summary>
internal sealed class JoinerValue(Value separator) : CallableValue
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override Value Call(RenderState state, CallArguments arguments)
    {
        bool used = _used;
        _used = true;
        return used ? separator : StringValue.Empty;
    }
}
