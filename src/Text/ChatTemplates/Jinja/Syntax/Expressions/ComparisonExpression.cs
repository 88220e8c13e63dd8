using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary>A chain of comparisons: <c>a &lt; b &lt;= c</c> evaluates b once and stops at the first that fails.</summary>
internal sealed class ComparisonExpression(int line, Expression first, IReadOnlyList<KeyValuePair<string, Expression>> rest)
    : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value left = first.Evaluate(frame);
        foreach ((string op, Expression operand) in rest)
        {
            Value right = operand.Evaluate(frame);
            if (!Comparison.Holds(Here(frame), op, left, right))
            {
                return BoolValue.False;
            }

            left = right;
        }

        return BoolValue.True;
    }
}
