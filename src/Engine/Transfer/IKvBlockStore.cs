namespace XLLM.Engine.Transfer;

/// <summary>
/// An engine's KV blocks for whoever moves them: transports and tiers. Calls come from any thread and are carried out by the
/// engine's thread between two steps, so an answer may take as long as a step. The memory of held blocks is read and written
/// directly, without the engine.
/// </summary>
public interface IKvBlockStore
{
    KvLayout Layout { get; }

    /// <summary>Holds the leading blocks of the chain that the prefix cache has; empty when it has none.</summary>
    ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes up to <paramref name="count"/> blocks out of the pool for content that will come; fewer when the pool is short.
    /// Their content is undefined.
    /// </summary>
    ValueTask<KvHold> AllocateAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives filled blocks to the prefix cache as blocks [<paramref name="first"/>, first + blocks) of the chain and goes on
    /// holding what it took. Blocks whose parent is not there, that the cache has already, or
    /// that are past the end of the chain, are freed. The answer holds the
    /// chain's leading blocks that the cache has now; <paramref name="filled"/> is ended.
    /// </summary>
    ValueTask<KvHold> StoreAsync(KvHold filled, KvChain chain, int first, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold. Never waits.</summary>
    void Release(KvHold hold);

    /// <summary>
    /// Address of a held block: <see cref="KvLayout.BlockBytes"/> bytes, layer l at l * <see cref="KvLayout.LayerBytes"/>. Valid
    /// while the block is held and the engine lives.
    /// </summary>
    nint AddressOf(int block);
}
