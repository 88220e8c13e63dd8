using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary><c>a ~ b ~ c</c>: everything printed, one behind the other.</summary>
internal sealed class ConcatExpression(int line, IReadOnlyList<Expression> parts) : Expression(line)
{
    protected override Value Compute(Frame frame)
    {
        string[] texts = new string[parts.Count];
        long length = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            Value value = parts[i].Evaluate(frame);
            texts[i] = PythonRepr.Str(Here(frame), value);
            length += texts[i].Length;
        }

        frame.State.ReserveText(length);
        return new StringValue(string.Concat(texts));
    }
}
