namespace XLLM.Grammar.Machine;

/// <summary>
/// An object: which names it has, how many keys (clipped to what matters), which atoms have failed, the further keys, and what the
/// value now being written means to it.
/// </summary>
internal sealed class ObjectFrame(Frame? parent, Goal goal, ObjectPlan plan, ulong hash) : Frame(parent, goal, hash)
{
    private Gate? _gate;

    public ObjectPlan Plan { get; } = plan;

    public required ulong[] Seen { get; init; }

    public int Count { get; init; }

    public ulong Failed { get; init; }

    /// <summary>Order of the last name, where order counts.</summary>
    public int Last { get; init; } = -1;

    public TakenKeys? Taken { get; init; }

    /// <summary>Set while the value of a key is written.</summary>
    public ChildPlan? Child { get; init; }

    /// <summary>Hash of the key whose value is written.</summary>
    public ulong KeyHash { get; init; }

    public Gate Gate => _gate ??= Plan.MakeGate(this);

    public bool IsEmpty => Count == 0 && Taken is null && Seen.All(w => w == 0);
}
