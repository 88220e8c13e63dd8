namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A generator: its items are worked out when asked for, once. Always true, has no length.</summary>
internal sealed class IteratorValue(IEnumerable<Value> items) : Value
{
    private IEnumerator<Value>? _rest;

    public override string TypeName => "generator";

    /// <summary>The items not yet taken; every enumeration goes on where the last one stopped.</summary>
    public IEnumerable<Value> Rest(Runtime.RenderState state)
    {
        _rest ??= items.GetEnumerator();
        while (true)
        {
            // A chain of generators is as deep on the stack as it is long.
            state.Enter(state.Line);
            bool more = _rest.MoveNext();
            state.Leave();
            if (!more)
            {
                yield break;
            }

            yield return _rest.Current;
        }
    }
}
