using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

/// <summary>One filter with its arguments. An unknown one fails only when it is reached (the parser refuses it where it can tell).</summary>
internal sealed class FilterCall(int line, string name, ArgumentList arguments) : Node(line)
{
    private readonly Builtin? _filter = Filters.Table.GetValueOrDefault(name);

    public Value Apply(Frame frame, Value value)
    {
        CallArguments given = arguments.Evaluate(frame);
        frame.State.Line = Line;
        return _filter?.Invoke(frame.State, value, given) ?? throw frame.State.Error(Filters.Unknown(name));
    }
}
