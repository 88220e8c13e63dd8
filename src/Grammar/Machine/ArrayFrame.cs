namespace XLLM.Grammar.Machine;

/// <summary>An array: items so far (clipped to what matters), failed atoms, matches of <c>contains</c>, hashes of its items.</summary>
internal sealed class ArrayFrame(Frame? parent, Goal goal, ArrayPlan plan, ulong hash) : Frame(parent, goal, hash)
{
    private ChildPlan? _next;
    private bool _asked;

    public ArrayPlan Plan { get; } = plan;

    public int Count { get; init; }

    public ulong Failed { get; init; }

    public int[] Matches { get; init; } = [];

    public TakenKeys? Items { get; init; }

    /// <summary>What the next item must be; null when there can be none.</summary>
    public ChildPlan? Next
    {
        get
        {
            if (!_asked)
            {
                _next = Plan.NextItem(this);
                _asked = true;
            }

            return _next;
        }
    }
}
