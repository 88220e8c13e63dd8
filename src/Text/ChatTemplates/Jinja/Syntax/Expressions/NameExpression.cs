using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

internal sealed class NameExpression(int line, string name) : Expression(line)
{
    protected override Value Compute(Frame frame) =>
        frame.Scope.TryGet(name, out Value? value) ? value : new UndefinedValue($"'{name}' is undefined");
}
