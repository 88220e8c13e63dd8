using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a and b</c>, <c>a or b</c>: the operand that decides, as in Python.</summary>
internal sealed class LogicalExpression(int line, bool isAnd, Expression left, Expression right) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value first = left.Evaluate(frame);
        return first.IsTrue == isAnd ? right.Evaluate(frame) : first;
    }
}
