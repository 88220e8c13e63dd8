namespace XLLM.Engine.Transfer.Shared;

/// <summary>A pool that is mapped. Belongs to <see cref="PeerPools"/>.</summary>
internal sealed class PeerEntry(PeerPool pool, int processId)
{
    public PeerPool Pool => pool;

    public int ProcessId => processId;

    /// <summary>Blocks of it may be this engine's: it stays.</summary>
    public bool IsAttached { get; set; }

    public int Users { get; set; }

    public DateTimeOffset? DeadSince { get; set; }
}
