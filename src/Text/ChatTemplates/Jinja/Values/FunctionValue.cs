using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A builtin function, or a method bound to its object.</summary>
internal sealed class FunctionValue(Builtin builtin, Value? self = null) : CallableValue
{
    public override string TypeName => self is null ? "function" : "builtin_function_or_method";

    public string Name => builtin.Name;

    public override Value Call(RenderState state, CallArguments arguments) => builtin.Invoke(state, self, arguments);
}
