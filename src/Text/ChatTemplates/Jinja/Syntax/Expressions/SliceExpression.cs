using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a[start:stop:step]</c></summary>
internal sealed class SliceExpression(int line, Expression target, Expression? start, Expression? stop, Expression? step)
    : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value value = target.Evaluate(frame);
        Value from = start?.Evaluate(frame) ?? NoneValue.Instance;
        Value to = stop?.Evaluate(frame) ?? NoneValue.Instance;
        Value by = step?.Evaluate(frame) ?? NoneValue.Instance;
        return Slicing.Slice(Here(frame), value, from, to, by);
    }
}
