using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary>A list or tuple literal.</summary>
internal sealed class ListExpression(int line, IReadOnlyList<Expression> items, bool isTuple) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        frame.State.ReserveItems(items.Count);
        Value[] values = new Value[items.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = items[i].Evaluate(frame);
        }

        return isTuple ? new TupleValue(values) : new ListValue(values);
    }
}
