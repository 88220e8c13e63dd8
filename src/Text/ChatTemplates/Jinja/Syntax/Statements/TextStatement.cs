using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

internal sealed class TextStatement(int line, string text) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        frame.Output.Write(text);
        return Flow.Next;
    }
}
