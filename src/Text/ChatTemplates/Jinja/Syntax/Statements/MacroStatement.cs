using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

internal sealed class MacroStatement(int line, MacroDefinition macro) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        frame.Scope.Set(macro.Name, new MacroValue(macro, frame.Scope));
        return Flow.Next;
    }
}
