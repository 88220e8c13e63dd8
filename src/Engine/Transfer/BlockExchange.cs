using System.Collections.Immutable;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Hands blocks to another engine of this machine without copying them: they become the receiver's, which gives as many of its own
/// in return. Both have attached each other's pool, so that a block is where it always was. See docs/mechanisms/kv-transfer.md for
/// who owns what when either process dies in between.
/// </summary>
public sealed class BlockExchange
{
    private readonly IKvBlockStore _store;
    private readonly IBlockOwner _owner;

    private BlockExchange(IKvBlockStore store, IBlockOwner owner)
    {
        _store = store;
        _owner = owner;
    }

    /// <summary>For an engine's blocks; null when its pool is not shared or has no room for others'.</summary>
    public static BlockExchange? For(IKvBlockStore store) =>
        store is IBlockOwner { Guests: not null } owner ? new BlockExchange(store, owner) : null;

    /// <summary>
    /// The giver: offers what it holds of the chain. <paramref name="hold"/> is ended. <see cref="SettleAsync"/> ends the offer,
    /// when the receiver has answered, or will not.
    /// </summary>
    public async ValueTask<BlockOffer> OfferAsync(PeerPool receiver, KvHold hold, KvChain chain)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(hold);
        ArgumentNullException.ThrowIfNull(chain);
        int window = _owner.Guests.Attach(receiver);
        int places = ExchangeTable.MostBlocks;
        (KvHold shared, KvHold exclusive) = await _owner
            .DivideAsync(hold, block => window >= 0 && Name(block, window, receiver) is not null && places-- > 0).ConfigureAwait(false);
        PoolBlock[] given = [.. exclusive.Blocks.Select(block => Name(block, window, receiver)!.Value)];
        int slot = given.Length == 0 ? -1 : _owner.Exchanges.Offer(given);
        return new BlockOffer(receiver, chain, shared, exclusive, slot);
    }

    /// <summary>
    /// The giver: ends an offer. True = the blocks are the receiver's, and as many others are here. False = they are the giver's
    /// again, and in its prefix cache.
    /// </summary>
    public async ValueTask<bool> SettleAsync(BlockOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ImmutableArray<PoolBlock>? received = offer.Slot < 0 ? null : _owner.Exchanges.Settle(offer.Slot);
        KvHold own;
        if (received is { } blocks)
        {
            int window = _owner.Guests.Attach(offer.Receiver);
            own = await ExchangeAsync(
                offer.Receiver, offer.ExclusiveHold, [.. blocks.Select(block => block.IsReceivers ? window + block.Index : block.Index)])
                .ConfigureAwait(false);
        }
        else
        {
            own = await _store.StoreAsync(offer.ExclusiveHold, offer.Chain, offer.First).ConfigureAwait(false);
        }

        _store.Release(own);
        _store.Release(offer.Shared);
        return received is not null;
    }

    /// <summary>
    /// The receiver: takes what the giver offers for this chain, from place <paramref name="first"/> on, which its prefix cache
    /// must reach up to. The answer holds the chain's leading blocks that the cache has now. <c>Exchanged</c> is 0 when the offer
    /// is not there any more, or the pool is short.
    /// </summary>
    public async ValueTask<(KvHold Hold, int Exchanged)> TakeAsync(PeerPool giver, int slot, KvChain chain, int first)
    {
        ArgumentNullException.ThrowIfNull(giver);
        ArgumentNullException.ThrowIfNull(chain);
        int window = _owner.Guests.Attach(giver);
        if (window >= 0 && giver.Exchanges.Read(slot) is { } offered && AllHere(offered, giver) && first + offered.Length <= chain.Hashes.Length)
        {
            KvHold room = await _owner.AllocateAsync(offered.Length, block => Name(block, window, giver) is not null).ConfigureAwait(false);
            if (room.Blocks.Length == offered.Length
                && giver.Exchanges.TryCommit(slot, [.. room.Blocks.Select(block => Mirror(Name(block, window, giver)!.Value))]))
            {
                KvHold gained = await ExchangeAsync(
                    giver, room, [.. offered.Select(block => block.IsReceivers ? block.Index : window + block.Index)]).ConfigureAwait(false);
                return (await _store.StoreAsync(gained, chain, first).ConfigureAwait(false), offered.Length);
            }

            _store.Release(room);
        }

        return (await _store.HoldAsync(chain).ConfigureAwait(false), 0);
    }

    /// <summary>
    /// Takes back what the engine of a process that has ended got of this pool, for its own blocks, as far as nobody needs those any
    /// more. No other call about that pool runs meanwhile, or comes later. Left is 0 when its memory is not used here any more.
    /// </summary>
    internal async ValueTask<(int Returned, int Left)> ReclaimAsync(PeerPool dead)
    {
        int window = _owner.Guests.FirstOf(dead);
        if (window < 0)
        {
            return (0, 0);
        }

        (int returned, int left) = await _owner.ReturnAsync(_owner.Guests.GivenTo(dead), window, dead.Blocks).ConfigureAwait(false);
        if (left == 0)
        {
            // Answered when every step has ended that may read what has left.
            await _owner.DivideAsync(KvHold.Empty, static _ => false).ConfigureAwait(false);
            _owner.Guests.Detach(dead);
        }

        return (returned, left);
    }

    private async ValueTask<KvHold> ExchangeAsync(PeerPool other, KvHold given, ImmutableArray<int> received)
    {
        ImmutableArray<int> gone = given.Blocks;
        KvHold gained = await _owner.ExchangeAsync(given, received).ConfigureAwait(false);
        _owner.Guests.Exchanged(other, gone.AsSpan());
        return gained;
    }

    /// <summary>A block as this side names it: IsReceivers = in the other's pool. Null = in a third pool.</summary>
    private PoolBlock? Name(int block, int window, PeerPool other) =>
        block < _owner.Guests.Own ? new PoolBlock(false, block)
        : block >= window && block < window + other.Blocks ? new PoolBlock(true, block - window)
        : null;

    // The receiver's own pool is what the giver calls the receiver's.
    private static PoolBlock Mirror(PoolBlock block) => block with { IsReceivers = !block.IsReceivers };

    private bool AllHere(ImmutableArray<PoolBlock> offered, PeerPool giver) =>
        offered.All(block => block.Index < (block.IsReceivers ? _owner.Guests.Own : giver.Blocks));
}
