using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary><c>{% call(a) macro(b) %}...{% endcall %}</c>: the body is handed to the macro as <c>caller</c>.</summary>
internal sealed class CallBlockStatement(int line, CallExpression call, MacroDefinition body) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        Value value = call.Call(frame, new MacroValue(body, frame.Scope));
        frame.Output.Write(PythonRepr.Str(frame.State, value));
        return Flow.Next;
    }
}
