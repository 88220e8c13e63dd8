using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

internal sealed class CallExpression(int line, Expression callee, ArgumentList arguments) : Expression(line)
{
    protected override Value Compute(Frame frame) => Call(frame, null);

    /// <summary>Calls with the body of a call block as <c>caller</c>.</summary>
    public Value Call(Frame frame, MacroValue? caller)
    {
        Value target = callee.Evaluate(frame);
        CallArguments given = arguments.Evaluate(frame);
        RenderState state = Here(frame);
        Arithmetic.RequireDefined(state, target);
        if (caller is not null)
        {
            given = given with { Named = [.. given.Named.Where(n => n.Key != "caller"), new("caller", caller)] };
        }

        return target is CallableValue callable ? callable.Call(state, given)
            : throw state.Error($"'{target.TypeName}' object is not callable");
    }
}
