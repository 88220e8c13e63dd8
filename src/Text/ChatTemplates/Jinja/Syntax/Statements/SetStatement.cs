using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary><c>{% set a = b %}</c></summary>
internal sealed class SetStatement(int line, AssignTarget target, Expression value) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        target.Assign(frame, value.Evaluate(frame));
        return Flow.Next;
    }
}
