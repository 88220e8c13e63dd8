namespace XLLM.Engine.Transfer;

/// <summary>A push under way. Used by one caller at a time.</summary>
public interface IKvPush : IAsyncDisposable
{
    /// <summary>Completes when the transfer is over, for whichever reason: nothing that is added afterwards is sent.</summary>
    Task<KvFault> Ended { get; }

    /// <summary>
    /// Layers of blocks have their content; they are sent in the background. The blocks stay held, and as they are, until
    /// <see cref="EndAsync"/> has ended or the push is disposed.
    /// </summary>
    void Add(KvProgress progress);

    /// <summary>
    /// All that will come has come. True = it holds what it needs by itself from now on, so that the caller can let go of it, and
    /// should: blocks that nobody else holds change hands without being copied.
    /// </summary>
    ValueTask<bool> TakeOverAsync() => ValueTask.FromResult(false);

    /// <summary>
    /// There is nothing more to come (<see cref="KvFault.None"/>), or why there will be nothing more. Waits until the receiver
    /// has taken what was added, or does not take it; never throws.
    /// </summary>
    ValueTask<KvFault> EndAsync(KvFault fault);
}
