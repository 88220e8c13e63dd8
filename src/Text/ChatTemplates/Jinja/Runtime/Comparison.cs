using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's equality, order and membership.</summary>
internal static class Comparison
{
    public static bool AreEqual(RenderState state, Value left, Value right)
    {
        state.Step();
        if (ReferenceEquals(left, right))
        {
            return left is not FloatValue f || !double.IsNaN(f.Number);
        }

        switch (left, right)
        {
            case (StringValue a, StringValue b):
                state.Scan(a.Text.Length == b.Text.Length ? a.Text.Length : 0);
                return a.Text == b.Text;
            case (UndefinedValue, UndefinedValue):
                return true;
            case (ListValue a, ListValue b):
                return AreEqualItems(state, a.Items, b.Items);
            case (TupleValue a, TupleValue b):
                return AreEqualItems(state, a.Items, b.Items);
            case (DictValue a, DictValue b):
                return AreEqualDicts(state, a, b);
            case (DictViewValue a, DictViewValue b) when a.TypeName == b.TypeName:
                return AreEqualItems(state, a.Items, b.Items);
            case (RangeValue a, RangeValue b):
                return a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step)));
            default:
                return Numbers.IsNumber(left) && Numbers.IsNumber(right) && Numbers.Compare(left, right) == 0;
        }
    }

    /// <summary>The order of two values; null when they are numbers without one (NaN).</summary>
    public static int? Order(RenderState state, Value left, Value right, string op)
    {
        state.Step();
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                state.Scan(Math.Min(a.Text.Length, b.Text.Length));
                return CodePoints.Compare(a.Text, b.Text);
            case (ListValue a, ListValue b):
                return OrderItems(state, a.Items, b.Items, op);
            case (TupleValue a, TupleValue b):
                return OrderItems(state, a.Items, b.Items, op);
        }

        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
        {
            return Numbers.Compare(left, right);
        }

        Arithmetic.RequireDefined(state, left);
        Arithmetic.RequireDefined(state, right);
        throw state.Error($"'{op}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
    }

    public static bool Holds(RenderState state, string op, Value left, Value right) => op switch
    {
        "==" => AreEqual(state, left, right),
        "!=" => !AreEqual(state, left, right),
        "<" => Order(state, left, right, op) < 0,
        "<=" => Order(state, left, right, op) <= 0,
        ">" => Order(state, left, right, op) > 0,
        ">=" => Order(state, left, right, op) >= 0,
        "in" => Contains(state, right, left),
        _ => !Contains(state, right, left),
    };

    public static bool Contains(RenderState state, Value container, Value item)
    {
        switch (container)
        {
            case StringValue text when item is StringValue part:
                return TextSearch.IndexOf(state, text.Text, part.Text, 0) >= 0;
            case StringValue:
                throw state.Error($"'in <string>' requires string as left operand, not {item.TypeName}");
            case DictValue dict:
                return dict.TryGet(Key(state, item), out _);
            case NoneValue or BoolValue or IntValue or FloatValue or CallableValue or NamespaceValue:
                throw state.Error($"argument of type '{container.TypeName}' is not iterable");
            default:
                return Iteration.Items(state, container).Any(other => AreEqual(state, item, other));
        }
    }

    /// <summary>A value as a key of a dict.</summary>
    public static DictKey Key(RenderState state, Value value)
    {
        if (value is StringValue s)
        {
            state.Scan(s.Text.Length);
        }

        return DictKey.TryOf(value, out DictKey key) ? key : throw state.Error($"unhashable type: '{value.TypeName}'");
    }

    private static bool AreEqualItems(RenderState state, IReadOnlyList<Value> left, IReadOnlyList<Value> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        state.Enter(state.Line);
        for (int i = 0; i < left.Count; i++)
        {
            if (!AreEqual(state, left[i], right[i]))
            {
                state.Leave();
                return false;
            }
        }

        state.Leave();
        return true;
    }

    private static bool AreEqualDicts(RenderState state, DictValue left, DictValue right)
    {
        state.Enter(state.Line);
        bool equal = left.Count == right.Count && left.Entries.All(entry =>
            right.TryGet(Key(state, entry.Key), out Value? other) && AreEqual(state, entry.Value, other));
        state.Leave();
        return equal;
    }

    private static int? OrderItems(RenderState state, IReadOnlyList<Value> left, IReadOnlyList<Value> right, string op)
    {
        state.Enter(state.Line);
        int? order = left.Count.CompareTo(right.Count);
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!AreEqual(state, left[i], right[i]))
            {
                order = Order(state, left[i], right[i], op);
                break;
            }
        }

        state.Leave();
        return order;
    }
}
