using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>-a</c>, <c>+a</c> and <c>not a</c>.</summary>
internal sealed class UnaryExpression(int line, string op, Expression operand) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value value = operand.Evaluate(frame);
        return op switch
        {
            "-" => Arithmetic.Negate(Here(frame), value),
            "+" => Arithmetic.Plus(Here(frame), value),
            _ => BoolValue.Of(!value.IsTrue),
        };
    }
}
