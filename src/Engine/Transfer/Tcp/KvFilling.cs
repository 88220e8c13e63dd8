namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Blocks of a chain that are being received: what the prefix cache has is held, room is made for what comes after it, and what
/// has come when the transfer ends joins the cache.
/// </summary>
internal sealed class KvFilling
{
    private readonly IKvBlockStore _store;
    private readonly KvRoom _room;
    private readonly KvChain _chain;
    private readonly KvHold _held;
    private readonly KvHold _target;
    private readonly KvTransferMetrics _metrics;

    private KvFilling(
        IKvBlockStore store, KvRoom room, KvChain chain, KvHold held, KvHold target, KvReceiving receiving,
        KvTransferMetrics metrics)
    {
        _store = store;
        _room = room;
        _chain = chain;
        _held = held;
        _target = target;
        _metrics = metrics;
        Receiving = receiving;
    }

    public KvReceiving Receiving { get; }

    /// <summary>Makes room for the chain's blocks from <paramref name="held"/> on, as far as there is any. Takes the hold over, unless it throws.</summary>
    public static async ValueTask<KvFilling> BeginAsync(
        ulong transfer, KvChain chain, KvHold held, int blocks, IKvBlockStore store, KvRoom room, KvTransferOptions options,
        KvTransferMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        int wanted = room.Take(Math.Max(0, blocks - held.Blocks.Length));
        try
        {
            KvHold target = wanted == 0
                ? KvHold.Empty
                : await store.AllocateAsync(wanted, cancellationToken).ConfigureAwait(false);
            room.Return(wanted - target.Blocks.Length);
            wanted = target.Blocks.Length;
            nint[] addresses = [.. target.Blocks.Select(store.AddressOf)];
            KvReceiving receiving = new(transfer, held.Blocks.Length, addresses, store.Layout, options, metrics, time);
            return new KvFilling(store, room, chain, held, target, receiving, metrics);
        }
        catch
        {
            room.Return(wanted);
            throw;
        }
    }

    /// <summary>Waits for the end of the transfer and stores what has come.</summary>
    public async Task<KvArrival> EndAsync()
    {
        KvFault fault = await Receiving.Ended.ConfigureAwait(false);
        Receiving.Dispose();
        int leading = Receiving.Leading;
        try
        {
            if (leading == 0)
            {
                _store.Release(_target);
                return new KvArrival(_held, 0, fault);
            }

            int end = Receiving.First + leading;
            KvChain come = _chain with { Hashes = _chain.Hashes[..end] };
            KvHold held = await _store.StoreAsync(_target, come, Receiving.First).ConfigureAwait(false);
            _store.Release(_held);
            int came = Math.Max(0, held.Blocks.Length - _held.Blocks.Length);
            _metrics.Stored(came);
            return new KvArrival(held, came, fault, Receiving.Found);
        }
        finally
        {
            _room.Return(_target.Blocks.Length);
        }
    }
}
