using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

internal abstract class CallableValue : Value
{
    public abstract Value Call(RenderState state, CallArguments arguments);
}
