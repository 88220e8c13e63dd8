using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary>Arguments as written: <c>(a, b, c=d, *e, **f)</c>.</summary>
internal sealed class ArgumentList(
    IReadOnlyList<Expression> positional,
    IReadOnlyList<KeyValuePair<string, Expression>> named,
    Expression? more,
    Expression? moreNamed)
{
    public static readonly ArgumentList Empty = new([], [], null, null);

    public CallArguments Evaluate(Frame frame)
    {
        if (ReferenceEquals(this, Empty))
        {
            return CallArguments.None;
        }

        List<Value> values = [.. positional.Select(p => p.Evaluate(frame))];
        List<KeyValuePair<string, Value>> names = [.. named.Select(n => KeyValuePair.Create(n.Key, n.Value.Evaluate(frame)))];
        if (more is not null)
        {
            values.AddRange(Iteration.ToList(frame.State, more.Evaluate(frame)));
        }

        if (moreNamed is not null)
        {
            AddNamed(frame.State, names, moreNamed.Evaluate(frame));
        }

        return new CallArguments(values, names);
    }

    private static void AddNamed(RenderState state, List<KeyValuePair<string, Value>> names, Value value)
    {
        if (value is not DictValue dict)
        {
            throw state.Error($"argument after ** must be a mapping, not {value.TypeName}");
        }

        HashSet<string> seen = [.. names.Select(n => n.Key)];
        foreach ((Value key, Value item) in dict.Entries)
        {
            state.Step();
            string name = key is StringValue text ? text.Text : throw state.Error("keywords must be strings");
            if (!seen.Add(name))
            {
                throw state.Error($"got multiple values for keyword argument '{name}'");
            }

            names.Add(new(name, item));
        }
    }
}
