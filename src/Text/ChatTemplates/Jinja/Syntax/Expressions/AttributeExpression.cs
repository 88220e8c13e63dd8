using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a.b</c></summary>
internal sealed class AttributeExpression(int line, Expression target, string name) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        Value value = target.Evaluate(frame);
        return Attributes.Get(Here(frame), value, name);
    }
}
