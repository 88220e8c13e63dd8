using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary><c>loop</c> inside of a for block. Items are fetched ahead only when asked for (<c>last</c>, <c>nextitem</c>, <c>length</c>).</summary>
internal sealed class LoopValue(IEnumerator<Value> items, int depth, Func<Value, Value>? recurse) : CallableValue
{
    private readonly Queue<Value> _ahead = [];
    private Value? _previous;
    private Value? _current;
    private IReadOnlyList<Value>? _changed;
    private int _index = -1;

    public override string TypeName => "LoopContext";

    /// <summary>Goes to the next item; false behind the last.</summary>
    public bool TryNext(out Value item)
    {
        if (!HasNext())
        {
            item = NoneValue.Instance;
            return false;
        }

        _previous = _current;
        _current = item = _ahead.Dequeue();
        _index++;
        return true;
    }

    public int Length()
    {
        while (items.MoveNext())
        {
            _ahead.Enqueue(items.Current);
        }

        return _index + 1 + _ahead.Count;
    }

    public override Value Call(RenderState state, CallArguments arguments)
    {
        if (recurse is null)
        {
            throw state.Error("The loop must have the 'recursive' marker to be called recursively.");
        }

        return arguments is { Positional: [Value inner], Named: [] } ? recurse(inner) : throw state.Error("loop() takes one argument");
    }

    public Value? Attribute(RenderState state, string name) => name switch
    {
        "index" => new IntValue(_index + 1),
        "index0" => new IntValue(_index),
        "revindex" => new IntValue(Length() - _index),
        "revindex0" => new IntValue(Length() - _index - 1),
        "first" => BoolValue.Of(_index == 0),
        "last" => BoolValue.Of(!HasNext()),
        "length" => new IntValue(Length()),
        "depth" => new IntValue(depth + 1),
        "depth0" => new IntValue(depth),
        "previtem" => _previous ?? new UndefinedValue("there is no previous item"),
        "nextitem" => HasNext() ? _ahead.Peek() : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(new("cycle", "*", call => Cycle(call.State, call.More))),
        "changed" => new FunctionValue(new("changed", "*", call => Changed(call.State, call.More))),
        _ => null,
    };

    private bool HasNext()
    {
        if (_ahead.Count == 0 && items.MoveNext())
        {
            _ahead.Enqueue(items.Current);
        }

        return _ahead.Count > 0;
    }

    private Value Cycle(RenderState state, IReadOnlyList<Value> values) =>
        values.Count == 0 ? throw state.Error("no items for cycling given") : values[_index % values.Count];

    private BoolValue Changed(RenderState state, IReadOnlyList<Value> values)
    {
        bool same = _changed is not null && Comparison.AreEqual(state, new TupleValue(_changed), new TupleValue(values));
        _changed = values;
        return BoolValue.Of(!same);
    }
}
