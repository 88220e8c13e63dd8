using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

/// <summary>Statements one after another; brings no variables of its own.</summary>
internal sealed class Block(IReadOnlyList<Statement> statements)
{
    public Flow Execute(Frame frame)
    {
        foreach (Statement statement in statements)
        {
            Flow flow = statement.Execute(frame);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}
