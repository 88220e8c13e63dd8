using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a if test else b</c>; without else, undefined when the test fails.</summary>
internal sealed class ConditionalExpression(int line, Expression test, Expression yes, Expression? no) : Expression(line)
{
    protected override Value Compute(Frame frame) =>
        test.Evaluate(frame).IsTrue ? yes.Evaluate(frame)
        : no?.Evaluate(frame) ?? new UndefinedValue("the inline if-expression evaluated to false and no else section was defined.");
}
