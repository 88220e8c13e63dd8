using XLLM.Grammar.Formulas;
using XLLM.Grammar.Numbers;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// What is wanted of one value: a formula that must hold, and formulas whose verdict the container needs to know when the value has
/// been written. Interned by its machine; the plans per kind are made on first use.
/// </summary>
internal sealed class Goal(JsonMachine machine, int id, Formula demand, Formula[] tracked, bool hashed)
{
    private readonly sbyte[] _can = new sbyte[7];
    private TextPlan? _text;
    private NumberPlan? _number;
    private ObjectPlan? _object;
    private ArrayPlan? _array;

    public int Id { get; } = id;

    public Formula Demand { get; } = demand;

    public Formula[] Tracked { get; } = tracked;

    /// <summary>The value's hash is wanted (its array must not have two alike).</summary>
    public bool Hashed { get; } = hashed;

    public TextPlan Text => _text ??= machine.Guard(() => new TextPlan(For(ValueKind.String), TrackedFor(ValueKind.String), machine.Limits));

    public NumberPlan Number => _number ??= new NumberPlan(For(ValueKind.Number), TrackedFor(ValueKind.Number), machine.Limits);

    public ObjectPlan Object => _object ??= machine.Guard(() => new ObjectPlan(machine, For(ValueKind.Object), TrackedFor(ValueKind.Object)));

    public ArrayPlan Array => _array ??= new ArrayPlan(machine, For(ValueKind.Array), TrackedFor(ValueKind.Array));

    /// <summary>Whether some value of the kind satisfies the demand.</summary>
    public bool Can(ValueKind kind)
    {
        if (_can[(int)kind] == 0)
        {
            _can[(int)kind] = (sbyte)(machine.Satisfiable(For(kind), kind) ? 1 : -1);
        }

        return _can[(int)kind] > 0;
    }

    /// <summary>Verdicts of the tracked formulas for null, false or true.</summary>
    public ulong Verdicts(ValueKind kind)
    {
        ulong bits = 0;
        for (int i = 0; i < Tracked.Length; i++)
        {
            bits |= machine.Pool.ForKind(Tracked[i], kind).IsTrue ? 1UL << i : 0;
        }

        return bits;
    }

    private Formula For(ValueKind kind) => machine.Pool.ForKind(Demand, kind);

    private Formula[] TrackedFor(ValueKind kind) =>
        Tracked.Length == 0 ? [] : [.. Tracked.Select(t => machine.Pool.ForKind(t, kind))];
}
