using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary>if, elif and else: the branches in order, and what happens when none applies. Branches share the variables around.</summary>
internal sealed class IfStatement(int line, IReadOnlyList<KeyValuePair<Expression, Block>> branches, Block? otherwise) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        foreach ((Expression test, Block body) in branches)
        {
            if (test.Evaluate(frame).IsTrue)
            {
                return body.Execute(frame);
            }
        }

        return otherwise?.Execute(frame) ?? Flow.Next;
    }
}
