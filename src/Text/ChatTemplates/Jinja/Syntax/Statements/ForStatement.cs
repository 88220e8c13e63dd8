using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

/// <summary>A for block. Every iteration starts with fresh variables of its own.</summary>
internal sealed class ForStatement(
    int line,
    AssignTarget target,
    Expression source,
    Expression? filter,
    bool isRecursive,
    Block body,
    Block? otherwise) : Statement(line)
{
    protected override Flow Run(Frame frame)
    {
        Iterate(frame, source.Evaluate(frame), 0);
        return Flow.Next;
    }

    private void Iterate(Frame frame, Value items, int depth)
    {
        frame.State.Line = Line;
        IEnumerable<Value> source = Iteration.Items(frame.State, items);
        using IEnumerator<Value> chosen = (filter is null ? source : Filter(frame, source)).GetEnumerator();
        LoopValue loop = new(chosen, depth, isRecursive ? inner => Recurse(frame, inner, depth + 1) : null);
        bool any = false;
        while (loop.TryNext(out Value item))
        {
            any = true;
            frame.State.Step();
            Frame child = frame.Child();
            target.Assign(child, item);
            child.Scope.Set("loop", loop);
            if (body.Execute(child) == Flow.Break)
            {
                break;
            }
        }

        if (!any)
        {
            otherwise?.Execute(frame.Child());
        }
    }

    private IEnumerable<Value> Filter(Frame frame, IEnumerable<Value> items)
    {
        foreach (Value item in items)
        {
            Frame child = frame.Child();
            target.Assign(child, item);
            if (filter!.Evaluate(child).IsTrue)
            {
                yield return item;
            }
        }
    }

    private StringValue Recurse(Frame frame, Value items, int depth)
    {
        Frame capturing = frame.Capturing();
        Iterate(capturing, items, depth);
        return capturing.Captured();
    }
}
