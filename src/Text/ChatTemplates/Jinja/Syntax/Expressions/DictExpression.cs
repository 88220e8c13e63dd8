using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

internal sealed class DictExpression(int line, IReadOnlyList<KeyValuePair<Expression, Expression>> entries) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        frame.State.ReserveItems(entries.Count);
        DictValue dict = new();
        foreach ((Expression name, Expression item) in entries)
        {
            Value key = name.Evaluate(frame);
            Value value = item.Evaluate(frame);
            dict.Set(Comparison.Key(Here(frame), key), key, value);
        }

        return dict;
    }
}
