using System.Collections.Immutable;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Blocks of a chain on offer to another engine of this machine: [First, First + Exclusive) shall become the receiver's own; those
/// before are shared with others here and can only be copied. What the receiver needs is <see cref="Slot"/>.
/// </summary>
public sealed class BlockOffer
{
    internal BlockOffer(PeerPool receiver, KvChain chain, KvHold shared, KvHold exclusive, int slot)
    {
        Receiver = receiver;
        Chain = chain;
        Shared = shared;
        ExclusiveHold = exclusive;
        Slot = slot;
    }

    /// <summary>Place in the giver's table of exchanges; -1 = nothing can be exchanged.</summary>
    public int Slot { get; }

    /// <summary>Place of the first block on offer in the chain.</summary>
    public int First => Shared.Blocks.Length;

    /// <summary>Blocks on offer.</summary>
    public int Exclusive => ExclusiveHold.Blocks.Length;

    internal PeerPool Receiver { get; }

    internal KvChain Chain { get; }

    internal KvHold Shared { get; }

    internal KvHold ExclusiveHold { get; }

    internal ImmutableArray<int> Blocks => ExclusiveHold.Blocks;
}
