using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a | filter(...)</c></summary>
internal sealed class FilterExpression(int line, Expression target, FilterCall filter) : Expression(line)
{
    protected override Value Compute(Frame frame) => filter.Apply(frame, target.Evaluate(frame));
}
