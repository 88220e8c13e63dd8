using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Tiers;

/// <summary>
/// A block's name and what it stands for. The content is compared wherever a block is found, so that a hash collision cannot
/// serve another prompt's KV: by induction over the parents the whole prefix is equal.
/// </summary>
/// <param name="Root">Hash of the chain's first block.</param>
/// <param name="Parent">Hash of the block before; of the block itself for the first.</param>
/// <param name="Salt">The tenant's.</param>
internal sealed record TierKey(BlockHash Hash, BlockHash Root, BlockHash Parent, ImmutableArray<int> Tokens, string Salt)
{
    public static TierKey Of(KvChain chain, int block, int blockTokens) => new(
        chain.Hashes[block],
        chain.Hashes[0],
        chain.Hashes[Math.Max(0, block - 1)],
        chain.Tokens.Slice(block * blockTokens, blockTokens),
        chain.Salt);

    public bool IsSame(TierKey other) =>
        Hash == other.Hash && Root == other.Root && Parent == other.Parent && Salt == other.Salt
        && Tokens.AsSpan().SequenceEqual(other.Tokens.AsSpan());
}
