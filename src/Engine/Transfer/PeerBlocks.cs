namespace XLLM.Engine.Transfer;

/// <summary>Takes blocks over from a process of this machine, dead or alive, by one copy and without asking it.</summary>
public static class PeerBlocks
{
    /// <summary>
    /// Takes those leading blocks of the chain that <paramref name="to"/> does not have and <paramref name="from"/> does. The
    /// answer holds the leading blocks there are now; the caller releases it. <c>Copied</c> is how many came over.
    /// </summary>
    public static async Task<(KvHold Hold, int Copied)> TakeAsync(
        IKvBlockStore to, PeerPool from, KvChain chain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(from);
        KvHold own = await to.HoldAsync(chain, cancellationToken).ConfigureAwait(false);
        int first = own.Blocks.Length;
        List<int> found = Find(from, chain, first);
        if (found.Count == 0)
        {
            return (own, 0);
        }

        try
        {
            KvHold room = await to.AllocateAsync(found.Count, cancellationToken).ConfigureAwait(false);
            int copied = 0;
            while (copied < room.Blocks.Length && !cancellationToken.IsCancellationRequested
                && from.TryCopy(found[copied], chain, first + copied, to.AddressOf(room.Blocks[copied])))
            {
                copied++;
            }

            // What was not copied is past the end of the chain that is stored.
            KvChain stored = chain with { Hashes = chain.Hashes[..(first + copied)] };
            KvHold all = await to.StoreAsync(room, stored, first, CancellationToken.None).ConfigureAwait(false);
            return (all, copied);
        }
        finally
        {
            to.Release(own);
        }
    }

    private static List<int> Find(PeerPool from, KvChain chain, int first)
    {
        List<int> found = [];
        if (first < chain.Hashes.Length)
        {
            IReadOnlyDictionary<Contracts.Ids.BlockHash, int> blocks = from.List();
            for (int i = first; i < chain.Hashes.Length && blocks.TryGetValue(chain.Hashes[i], out int block); i++)
            {
                found.Add(block);
            }
        }

        return found;
    }
}
