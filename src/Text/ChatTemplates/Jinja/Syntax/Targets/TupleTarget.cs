using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Targets;

/// <summary><c>a, b</c>: takes as many items as there are targets.</summary>
internal sealed class TupleTarget(int line, IReadOnlyList<AssignTarget> targets) : AssignTarget(line)
{
    public override void Assign(Frame frame, Value value)
    {
        RenderState state = frame.State;
        state.Line = Line;
        if (!Iteration.CanIterate(value))
        {
            throw state.Error($"cannot unpack non-iterable {value.TypeName} object");
        }

        // One more than needed tells that there are too many.
        List<Value> items = [.. Iteration.Items(state, value).Take(targets.Count + 1)];
        if (items.Count != targets.Count)
        {
            throw state.Error(items.Count < targets.Count
                ? $"not enough values to unpack (expected {targets.Count}, got {items.Count})"
                : $"too many values to unpack (expected {targets.Count})");
        }

        for (int i = 0; i < items.Count; i++)
        {
            targets[i].Assign(frame, items[i]);
        }
    }
}
