using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a[b]</c></summary>
internal sealed class ItemExpression(int line, Expression target, Expression key) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value value = target.Evaluate(frame);
        Value name = key.Evaluate(frame);
        return Attributes.GetItem(Here(frame), value, name);
    }
}
