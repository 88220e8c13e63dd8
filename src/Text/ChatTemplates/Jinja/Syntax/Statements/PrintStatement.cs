using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary><c>{{ a }}</c></summary>
internal sealed class PrintStatement(int line, Expression expression) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        Value value = expression.Evaluate(frame);
        frame.Output.Write(PythonRepr.Str(frame.State, value));
        return Flow.Next;
    }
}
