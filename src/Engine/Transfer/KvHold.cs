using System.Collections.Immutable;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Blocks of one engine's pool that stay while they are held: neither freed nor given to anybody else. Ended once, by
/// <see cref="IKvBlockStore.Release"/> or <see cref="IKvBlockStore.StoreAsync"/>.
/// </summary>
/// <param name="Blocks">Ids in the pool, in the order of the chain.</param>
public sealed record KvHold(ImmutableArray<int> Blocks)
{
    /// <summary>Nothing.</summary>
    public static KvHold Empty { get; } = new([]);
}
