using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Targets;

internal sealed class NameTarget(int line, string name) : AssignTarget(line)
{
    public override void Assign(Frame frame, Value value) => frame.Scope.Set(name, value);
}
