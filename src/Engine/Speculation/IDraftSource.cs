namespace XLLM.Engine.Speculation;

/// <summary>Proposes tokens. Engine's thread. What it proposes can be wrong; it changes speed alone.</summary>
internal interface IDraftSource : IDisposable
{
    /// <summary>
    /// A proposal costs next to nothing, so it can be made after every token; otherwise only where it is likely to pay.
    /// </summary>
    bool IsCheap { get; }

    /// <summary>
    /// Fills in a proposal of each slot's request: at most <see cref="DraftSlot.Limit"/> tokens, 0 where it has none or has not
    /// caught up with the request yet.
    /// </summary>
    void Propose(ReadOnlySpan<DraftSlot> slots);

    /// <summary>The request has ended.</summary>
    void End(DraftSlot slot);

    /// <summary>A little of the work that can wait; called once a step.</summary>
    void Tend();

    /// <summary>Bytes of memory beside the slots.</summary>
    long Bytes { get; }

    IReadOnlyList<string> CheckIntegrity();
}
