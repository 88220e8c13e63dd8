using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary>break and continue.</summary>
internal sealed class LoopControlStatement(int line, Flow flow) : Statement(line)
{
    protected override Flow Run(Frame frame) => flow;
}
