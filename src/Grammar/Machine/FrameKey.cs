namespace XLLM.Grammar.Machine;

/// <summary>What token masks depend on in a frame and those around it.</summary>
internal readonly struct FrameKey : IEquatable<FrameKey>
{
    private readonly long _parent;
    private readonly object _plan;
    private readonly ChildPlan? _child;
    private readonly TakenKeys? _taken;
    private readonly int _count;
    private readonly int _last;
    private readonly ulong _failed;
    private readonly ulong _hash;
    private readonly ulong[] _seen;
    private readonly int[] _matches;

    private FrameKey(
        long parent, object plan, ChildPlan? child, TakenKeys? taken, int count, int last, ulong failed, ulong hash, ulong[] seen,
        int[] matches)
    {
        _parent = parent;
        _plan = plan;
        _child = child;
        _taken = taken;
        _count = count;
        _last = last;
        _failed = failed;
        _hash = hash;
        _seen = seen;
        _matches = matches;
    }

    public static FrameKey Of(Frame frame, long parent) => frame switch
    {
        ObjectFrame o => new FrameKey(
            parent, o.Plan, o.Child, o.Plan.Keys.Automaton.IsTrivial ? null : o.Taken, o.Count, o.Last, o.Failed,
            o.Goal.Hashed ? ValueHash.Mix(o.Hash, o.KeyHash) : 0, o.Seen, []),
        ArrayFrame a => new FrameKey(
            parent, a.Plan, null, a.Items, a.Count, 0, a.Failed, a.Goal.Hashed ? a.Hash : 0, [], a.Matches),
        _ => throw new InvalidOperationException("an unknown frame"),
    };

    public bool Equals(FrameKey other) =>
        _parent == other._parent && ReferenceEquals(_plan, other._plan) && Equals(_child, other._child)
        && Equals(_taken, other._taken) && _count == other._count && _last == other._last && _failed == other._failed
        && _hash == other._hash && _seen.AsSpan().SequenceEqual(other._seen) && _matches.AsSpan().SequenceEqual(other._matches);

    public override bool Equals(object? obj) => obj is FrameKey other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(_parent);
        hash.Add(_plan);
        hash.Add(_child?.Goal.Id ?? 0);
        hash.Add(_taken?.Hash ?? 0);
        hash.Add(_count);
        hash.Add(_last);
        hash.Add(_failed);
        hash.Add(_hash);
        foreach (ulong word in _seen)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }
}
