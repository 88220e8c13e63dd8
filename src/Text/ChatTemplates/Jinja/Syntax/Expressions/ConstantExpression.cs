using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

internal sealed class ConstantExpression(int line, Value value) : Expression(line)
{
    protected override Value Compute(Frame frame) => value;
}
