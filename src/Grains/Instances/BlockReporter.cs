using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prefix;

namespace XLLM.Grains.Instances;

/// <summary>
/// Tells the block owners what an engine's prefix cache and its tiers gained and lost, once a period and beside the heartbeat, so
/// that an owner that hangs does not make the instance look silent. Messages to an owner are numbered: one that misses some, or
/// that is new, is sent everything.
/// </summary>
internal sealed class BlockReporter(
    IInferenceEngine engine, IGrainFactory grains, FleetOptions options, TimeProvider time, ILogger logger)
{
    // About 1 MB of events. An owner that was away for longer is sent everything instead.
    private const int MaxBacklog = 16_384;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<BlockEvent> _backlog = [];
    private readonly Dictionary<long, long> _sequences = [];
    private readonly HashSet<long> _wanting = [];

    private InstanceDescriptor Descriptor => engine.Descriptor;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ReportPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Sends what there is now. What an owner did not take is sent again the next time.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SendChangesAsync(cancellationToken).ConfigureAwait(false);
            if (_wanting.Count > 0)
            {
                await SendAllAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.BlocksUnsent(Descriptor.Id, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SendChangesAsync(CancellationToken cancellationToken)
    {
        _backlog.AddRange(engine.TakeBlockEvents().Events);
        if (_backlog.Count == 0)
        {
            return;
        }

        var grouped = Group(new BlockEventBatch([.. _backlog])).Where(x => !_wanting.Contains(x.Partition)).ToArray();
        bool[] sent = await Task.WhenAll(grouped.Select(x => TrySendAsync(x.Partition, x.Events, cancellationToken)))
            .ConfigureAwait(false);

        // An owner that wants everything gets these with it.
        HashSet<long> done = [.. grouped.Where((_, i) => sent[i]).Select(x => x.Partition), .. _wanting];
        _backlog.RemoveAll(x => done.Contains(IKvBlockOwnerGrain.PartitionOf(x.Root)));
        if (_backlog.Count > MaxBacklog)
        {
            _wanting.UnionWith(_backlog.Select(x => IKvBlockOwnerGrain.PartitionOf(x.Root)));
            _backlog.Clear();
        }
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        BlockEventBatch all = await engine.ListBlocksAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<long, BlockEvents> held = Group(all).ToDictionary(x => x.Partition, x => x.Events);
        var empty = new BlockEvents { Instance = Descriptor.Id, Epoch = Descriptor.Epoch };
        (long Partition, BlockEvents Events)[] whole =
            [.. _wanting.Select(x => (x, held.GetValueOrDefault(x, empty) with { IsWhole = true }))];
        bool[] sent = await Task.WhenAll(whole.Select(x => TrySendAsync(x.Partition, x.Events, cancellationToken)))
            .ConfigureAwait(false);
        _wanting.ExceptWith(whole.Where((_, i) => sent[i]).Select(x => x.Partition));
        logger.BlocksResent(Descriptor.Id, sent.Count(x => x), all.Events.Length);
    }

    private ImmutableArray<(long Partition, BlockEvents Events)> Group(BlockEventBatch batch) =>
        BlockEventGrouping.ByPartition(Descriptor.Id, Descriptor.Epoch, batch, IKvBlockOwnerGrain.PartitionOf);

    // True: the events need not be sent again.
    private async Task<bool> TrySendAsync(long partition, BlockEvents events, CancellationToken cancellationToken)
    {
        long sequence;
        lock (_sequences)
        {
            sequence = _sequences[partition] = _sequences.GetValueOrDefault(partition) + 1;
        }

        try
        {
            bool complete = await grains.GetGrain<IKvBlockOwnerGrain>(partition).UpdateAsync(events with { Sequence = sequence })
                .WaitAsync(options.DeadAfter, time, cancellationToken).ConfigureAwait(false);
            if (!complete)
            {
                lock (_sequences)
                {
                    _wanting.Add(partition);
                }
            }

            return complete || !events.IsWhole;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whether it arrived is not known. When it did, the events come again, which changes nothing; when it did not, the next
            // number shows the owner a gap.
            logger.OwnerUnreachable(partition, e);
            return false;
        }
    }
}
