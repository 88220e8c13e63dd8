using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary>
/// <c>{% with a = b %}...{% endwith %}</c>: a block with its own variables; the values see only those outside. Without
/// assignments also what Hugging Face's <c>{% generation %}</c> does to the text.
/// </summary>
internal sealed class WithStatement(int line, IReadOnlyList<KeyValuePair<AssignTarget, Expression>> assignments, Block body)
    : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        Frame inner = frame.Child();
        foreach ((AssignTarget target, Expression expression) in assignments)
        {
            target.Assign(inner, expression.Evaluate(frame));
        }

        return body.Execute(inner);
    }
}
