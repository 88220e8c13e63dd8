using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

internal abstract class Expression(int line) : Node(line)
{
    /// <summary>The value; counts one step and guards the depth.</summary>
    public Value Evaluate(Frame frame)
    {
        frame.State.Enter(Line);
        Value value = Compute(frame);
        frame.State.Leave();
        return value;
    }

    /// <summary>Evaluates; whoever does work after evaluating parts calls <see cref="Here"/> first, for the line in errors.</summary>
    protected abstract Value Compute(Frame frame);

    protected RenderState Here(Frame frame)
    {
        frame.State.Line = Line;
        return frame.State;
    }
}
