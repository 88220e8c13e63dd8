using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

/// <summary>What can stand on the left of an assignment.</summary>
internal abstract class AssignTarget(int line) : Node(line)
{
    public abstract void Assign(Frame frame, Value value);
}
