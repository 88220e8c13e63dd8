using XLLM.Contracts.Ids;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Tiers;

/// <summary>
/// The chains of the latest prompts by the names of their blocks: what a block event means in tokens. One thread at a time.
/// </summary>
internal sealed class RecentChains(int maxBlocks)
{
    private readonly Dictionary<BlockHash, (KvChain Chain, int Block)> _byHash = [];
    private readonly Queue<KvChain> _chains = new();
    private int _blocks;

    public void Remember(KvChain chain)
    {
        _chains.Enqueue(chain);
        _blocks += chain.Hashes.Length;
        for (int i = 0; i < chain.Hashes.Length; i++)
        {
            _byHash[chain.Hashes[i]] = (chain, i);
        }

        while (_blocks > maxBlocks && _chains.Count > 1)
        {
            KvChain oldest = _chains.Dequeue();
            _blocks -= oldest.Hashes.Length;
            foreach (BlockHash hash in oldest.Hashes)
            {
                if (_byHash.TryGetValue(hash, out (KvChain Chain, int Block) known) && ReferenceEquals(known.Chain, oldest))
                {
                    _byHash.Remove(hash);
                }
            }
        }
    }

    public bool TryFind(BlockHash hash, out (KvChain Chain, int Block) found) => _byHash.TryGetValue(hash, out found);
}
