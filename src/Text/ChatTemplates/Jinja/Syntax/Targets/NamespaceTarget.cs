using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Targets;

/// <summary><c>ns.attribute</c></summary>
internal sealed class NamespaceTarget(int line, string name, string attribute) : AssignTarget(line)
{
    public override void Assign(Frame frame, Value value)
    {
        frame.State.Line = Line;
        Value? target = frame.Scope.TryGet(name, out Value? found) ? found : null;
        if (target is not NamespaceValue space)
        {
            throw frame.State.Error(target is null ? $"'{name}' is undefined"
                : $"cannot assign attribute '{attribute}': '{name}' is no namespace but {target.TypeName}");
        }

        if (!space.Attributes.ContainsKey(attribute))
        {
            frame.State.ReserveNext(space.Attributes.Count);
        }

        space.Attributes[attribute] = value;
    }
}
