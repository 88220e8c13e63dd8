using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary><c>{% filter upper %}...{% endfilter %}</c></summary>
internal sealed class FilterBlockStatement(int line, IReadOnlyList<FilterCall> filters, Block body) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        Frame inner = frame.Capturing();
        Flow flow = body.Execute(inner);
        Value value = inner.Captured();
        foreach (FilterCall filter in filters)
        {
            value = filter.Apply(inner, value);
        }

        frame.Output.Write(PythonRepr.Str(frame.State, value));
        return flow;
    }
}
