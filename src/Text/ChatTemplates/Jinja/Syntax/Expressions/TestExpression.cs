using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a is test(...)</c></summary>
internal sealed class TestExpression(int line, Expression target, string name, ArgumentList arguments) : Expression(line)
{
    private readonly Builtin? _test = Tests.Table.GetValueOrDefault(name);

    protected override Value Compute(Frame frame)
    {
        Value value = target.Evaluate(frame);
        CallArguments given = arguments.Evaluate(frame);
        RenderState state = Here(frame);
        return _test?.Invoke(state, value, given) ?? throw state.Error($"No test named '{name}'.");
    }
}
