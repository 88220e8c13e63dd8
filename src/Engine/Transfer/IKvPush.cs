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
    /// There is nothing more to come (<see cref="KvFault.None"/>), or why there will be nothing more. Waits until the receiver
    /// has taken what was added, or does not take it; never throws.
    /// </summary>
    ValueTask<KvFault> EndAsync(KvFault fault);
}
