using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

internal sealed class BinaryExpression(int line, string op, Expression left, Expression right) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value a = left.Evaluate(frame);
        Value b = right.Evaluate(frame);
        return Arithmetic.Binary(Here(frame), op, a, b);
    }
}
