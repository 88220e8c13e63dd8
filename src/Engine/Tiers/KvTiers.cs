using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Tiers;

/// <summary>
/// The tiers below an engine's pool: host memory, then a file. Blocks are copied down in the background soon after the prefix
/// cache has them, so nothing waits when the pool gives one up; what host memory gives up goes into the file. Queues are bounded:
/// with a slow or failing disk less is kept, and nothing else is slower. Any thread.
/// </summary>
internal sealed class KvTiers : IAsyncDisposable
{
    // On their way to the file: room for the burst of a long chain that pushes another one out of host memory.
    private const int LeastSpills = 16;
    private const long SpillBytes = 64 << 20;
    private const int MaxChanges = 1 << 20;

    private readonly IKvBlockStore _store;
    private readonly HostTier? _host;
    private readonly DiskTier? _disk;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KvTierMetrics _metrics;
    private readonly CopyRate _hostRate = new(2e9);
    private readonly CopyRate _diskRate = new(2e8);
    private readonly Channel<(KvChain Chain, int From)> _offers;
    private readonly Channel<(TierKey Key, byte[] Content)> _spills;
    private readonly ConcurrentQueue<(BlockHash Root, BlockHash Block)> _changes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _queueBlocks;
    private readonly int _blockBytes;
    private readonly Task _offering;
    private readonly Task _spilling;
    private int _queued;
    private int _spillsLeft;

    /// <summary>Takes the memory and the disk's room. Throws <see cref="IOException"/> where the file cannot be had.</summary>
    public KvTiers(
        KvTierOptions options, IKvBlockStore store, ulong hashSeed, InstanceId instance, TimeProvider time, ILogger logger)
    {
        _store = store;
        _time = time;
        _logger = logger;
        _queueBlocks = options.QueueBlocks;
        _blockBytes = checked((int)store.Layout.BlockBytes);
        _host = options.HostBytes > 0 ? new HostTier(options.HostBytes, store.Layout.BlockBytes) : null;
        try
        {
            _disk = options.DiskBytes > 0
                ? new DiskTier(options.DiskPath, options.DiskBytes, store.Layout, hashSeed, logger)
                : null;
        }
        catch
        {
            _host?.Dispose();
            throw;
        }

        _metrics = new KvTierMetrics(instance, CountOf, () => Volatile.Read(ref _queued));
        _offers = Channel.CreateUnbounded<(KvChain, int)>(new UnboundedChannelOptions { SingleReader = true });
        _spills = Channel.CreateBounded<(TierKey, byte[])>(new BoundedChannelOptions((int)Math.Max(LeastSpills, SpillBytes / _blockBytes)) { SingleReader = true });
        _offering = Task.Run(OfferAllAsync);
        _spilling = Task.Run(SpillAllAsync);
    }

    /// <summary>Blocks in host memory.</summary>
    public int HostBlocks => _host?.Count ?? 0;

    /// <summary>Blocks in the file.</summary>
    public int DiskBlocks => _disk?.Count ?? 0;

    /// <summary>Blocks that were not kept because a queue was full.</summary>
    public long Drops => _metrics.Drops;

    /// <summary>Blocks of the file that were found damaged.</summary>
    public long Damaged => _disk?.Damaged ?? 0;

    /// <summary>Blocks that wait to be copied down.</summary>
    public int Queued => Volatile.Read(ref _queued) + Volatile.Read(ref _spillsLeft);

    /// <summary>The prefix cache has the chain's blocks; those from <paramref name="from"/> on are new. Copied down soon.</summary>
    public void Offer(KvChain chain, int from)
    {
        int blocks = chain.Hashes.Length - from;
        if (Volatile.Read(ref _queued) + blocks > _queueBlocks)
        {
            _metrics.Dropped(blocks);
            return;
        }

        Interlocked.Add(ref _queued, blocks);
        if (!_offers.Writer.TryWrite((chain, from)))
        {
            Interlocked.Add(ref _queued, -blocks);
        }
    }

    /// <summary>Where a block is below the pool; null = nowhere.</summary>
    public BlockTier? TierOf(BlockHash hash) =>
        _host?.Has(hash) == true ? BlockTier.Host : _disk?.Has(hash) == true ? BlockTier.Disk : null;

    /// <summary>Consecutive blocks of the chain from <paramref name="from"/> on that are below the pool, by tier.</summary>
    public (int Host, int Disk) Count(KvChain chain, int from)
    {
        (int host, int disk) = (0, 0);
        for (int i = from; i < chain.Hashes.Length; i++)
        {
            TierKey key = TierKey.Of(chain, i, _store.Layout.BlockTokens);
            if (_host?.Has(key) == true)
            {
                host++;
            }
            else if (_disk?.Has(key) == true)
            {
                disk++;
            }
            else
            {
                break;
            }
        }

        return (host, disk);
    }

    /// <summary>
    /// Copies what the tiers have of the chain after the prefix cache's part up into the cache, unless computing it is estimated
    /// to be faster. The answer holds the chain's leading blocks that the cache has then.
    /// </summary>
    /// <param name="tokensPerSecond">How fast the engine computes prompts; 0 = not known: copying counts as faster.</param>
    public async ValueTask<KvHold> BringUpAsync(KvChain chain, double tokensPerSecond, CancellationToken cancellationToken)
    {
        KvHold held = await _store.HoldAsync(chain, cancellationToken).ConfigureAwait(false);
        int first = held.Blocks.Length;
        (int host, int disk) = Count(chain, first);
        if (host + disk == 0)
        {
            return held;
        }

        if (!Pays(host, disk, tokensPerSecond))
        {
            _metrics.Recomputed(host + disk);
            return held;
        }

        long began = _time.GetTimestamp();
        try
        {
            KvHold target = await _store.AllocateAsync(host + disk, cancellationToken).ConfigureAwait(false);
            int copied = await Task.Run(() => CopyUp(chain, first, target), CancellationToken.None).ConfigureAwait(false);
            if (copied == 0)
            {
                _store.Release(target);
                return held;
            }

            KvChain come = chain with { Hashes = chain.Hashes[..(first + copied)] };
            KvHold stored = await _store.StoreAsync(target, come, first, CancellationToken.None).ConfigureAwait(false);
            _store.Release(held);
            _metrics.Duration(_time.GetElapsedTime(began));
            return stored;
        }
        catch
        {
            _store.Release(held);
            throw;
        }
    }

    /// <summary>Blocks that have come to, gone from, or changed their tier since the last call.</summary>
    public IEnumerable<(BlockHash Root, BlockHash Block)> TakeChanges()
    {
        for (int left = _changes.Count; left > 0 && _changes.TryDequeue(out (BlockHash, BlockHash) change); left--)
        {
            yield return change;
        }
    }

    /// <summary>All that the tiers have.</summary>
    public IReadOnlyList<(BlockHash Root, BlockHash Block, BlockTier Tier)> List()
    {
        Dictionary<BlockHash, (BlockHash, BlockHash, BlockTier)> all = [];
        foreach (TierKey key in _disk?.Keys() ?? [])
        {
            all[key.Hash] = (key.Root, key.Hash, BlockTier.Disk);
        }

        foreach (TierKey key in _host?.Keys() ?? [])
        {
            all[key.Hash] = (key.Root, key.Hash, BlockTier.Host);
        }

        return [.. all.Values];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _offers.Writer.TryComplete();
        await _offering.ConfigureAwait(false);
        _spills.Writer.TryComplete();
        await _spilling.ConfigureAwait(false);
        _metrics.Dispose();
        _host?.Dispose();
        _disk?.Dispose();
        _stopping.Dispose();
    }

    private int CountOf(BlockTier tier) => tier == BlockTier.Host ? HostBlocks : DiskBlocks;

    private bool Pays(int host, int disk, double tokensPerSecond) =>
        tokensPerSecond <= 0
        || _hostRate.SecondsFor((long)host * _blockBytes) + _diskRate.SecondsFor((long)disk * _blockBytes)
            < (host + disk) * _store.Layout.BlockTokens / tokensPerSecond;

    private int CopyUp(KvChain chain, int first, KvHold target)
    {
        for (int i = 0; i < target.Blocks.Length; i++)
        {
            TierKey key = TierKey.Of(chain, first + i, _store.Layout.BlockTokens);
            Span<byte> memory = MemoryOf(target.Blocks[i]);
            long began = _time.GetTimestamp();
            if (_host?.TryRead(key, memory) == true)
            {
                _hostRate.Measured(_blockBytes, _time.GetElapsedTime(began));
                _metrics.Prefetched(BlockTier.Host);
            }
            else if (_disk?.TryRead(key, memory) == true)
            {
                _diskRate.Measured(_blockBytes, _time.GetElapsedTime(began));
                _metrics.Prefetched(BlockTier.Disk);
            }
            else
            {
                Changed(key);
                return i;
            }
        }

        return target.Blocks.Length;
    }

    private async Task OfferAllAsync()
    {
        byte[] spilled = new byte[_blockBytes];
        await foreach ((KvChain chain, int from) in _offers.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (!_stopping.IsCancellationRequested)
                {
                    KvHold held = await _store.HoldAsync(chain, _stopping.Token).ConfigureAwait(false);
                    CopyDown(chain, from, held, spilled);
                    _store.Release(held);
                }
            }
            catch (OperationCanceledException)
            {
                // The engine stops.
            }
            catch (Exception e)
            {
                _logger.OffloadFailed(e);
            }

            Interlocked.Add(ref _queued, from - chain.Hashes.Length);
        }
    }

    /// <summary>Last block first, so that in order of use parents come after their children.</summary>
    private void CopyDown(KvChain chain, int from, KvHold held, byte[] spilled)
    {
        for (int i = held.Blocks.Length - 1; i >= from; i--)
        {
            TierKey key = TierKey.Of(chain, i, _store.Layout.BlockTokens);
            if (_host is null)
            {
                Spill(key, MemoryOf(held.Blocks[i]));
                continue;
            }

            if (_host.Has(key))
            {
                _host.Use(key);
                continue;
            }

            TierKey? gone = _host.Put(key, MemoryOf(held.Blocks[i]), spilled);
            _metrics.Offloaded(BlockTier.Host);
            Changed(key);
            if (gone is not null)
            {
                _metrics.Evicted(BlockTier.Host);
                Changed(gone);
                Spill(gone, spilled);
            }
        }
    }

    private void Spill(TierKey key, ReadOnlySpan<byte> content)
    {
        if (_disk is null || _disk.Has(key))
        {
            return;
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(_blockBytes);
        content.CopyTo(copy);
        Interlocked.Increment(ref _spillsLeft);
        if (!_spills.Writer.TryWrite((key, copy)))
        {
            Interlocked.Decrement(ref _spillsLeft);
            ArrayPool<byte>.Shared.Return(copy);
            _metrics.Dropped(1);
        }
    }

    private async Task SpillAllAsync()
    {
        await foreach ((TierKey key, byte[] content) in _spills.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                TierKey? gone = _disk!.Put(key, content.AsSpan(0, _blockBytes));
                _metrics.Offloaded(BlockTier.Disk);
                Changed(key);
                if (gone is not null)
                {
                    _metrics.Evicted(BlockTier.Disk);
                    Changed(gone);
                }
            }
            catch (Exception e)
            {
                _logger.OffloadFailed(e);
            }

            ArrayPool<byte>.Shared.Return(content);
            Interlocked.Decrement(ref _spillsLeft);
        }
    }

    private void Changed(TierKey key)
    {
        if (_changes.Count < MaxChanges)
        {
            _changes.Enqueue((key.Root, key.Hash));
        }
    }

    private unsafe Span<byte> MemoryOf(int block) => new((void*)_store.AddressOf(block), _blockBytes);
}
