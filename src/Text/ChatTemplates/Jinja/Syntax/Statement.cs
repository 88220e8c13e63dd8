using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

internal abstract class Statement(int line) : Node(line)
{
    /// <summary>Runs it; counts one step and guards the depth.</summary>
    public Flow Execute(Frame frame)
    {
        frame.State.Enter(Line);
        Flow flow = Run(frame);
        frame.State.Leave();
        return flow;
    }

    protected abstract Flow Run(Frame frame);
}
