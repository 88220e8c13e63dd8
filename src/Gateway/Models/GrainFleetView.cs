using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Models;

/// <summary>The fleet grain's snapshot, kept for a moment, so that a request costs no call; one call at a time.</summary>
internal sealed class GrainFleetView(
    IGrainFactory grains, GatewayOptions options, TimeProvider time, ILogger<GrainFleetView> logger) : IFleetView
{
    // A call to a registry whose silo has just died may hang for long, and requests wait for it.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Known _known = new(FleetSnapshot.Empty, null);

    public ValueTask<FleetSnapshot> GetAsync()
    {
        Known known = _known;
        return IsFresh(known) ? new ValueTask<FleetSnapshot>(known.Snapshot) : new ValueTask<FleetSnapshot>(RefreshAsync());
    }

    public async Task<RoutingView?> GetRoutingAsync()
    {
        try
        {
            return await grains.GetGrain<IRouterGrain>(0).GetViewAsync().WaitAsync(CallTimeout, time);
        }
        catch (Exception exception)
        {
            logger.RouterUnreachable(exception);
            return null;
        }
    }

    public async Task<ImmutableArray<PrefixTree>> GetPrefixesAsync(int maxSegments) =>
        [.. await Task.WhenAll(Enumerable.Range(0, IKvBlockOwnerGrain.Partitions).Select(p => TreeOfAsync(p, maxSegments)))];

    public async Task<IReadOnlyList<string>> AuditAsync(InstanceId instance)
    {
        try
        {
            return [.. (await grains.GetGrain<IInstanceGrain>(instance.Value).CheckIntegrityAsync()).Select(f => $"{instance}: {f}")];
        }
        catch (Exception exception)
        {
            return [$"{instance} did not answer: {exception.Message}"];
        }
    }

    private async Task<PrefixTree> TreeOfAsync(int partition, int maxSegments)
    {
        try
        {
            return await grains.GetGrain<IKvBlockOwnerGrain>(partition).GetTreeAsync(maxSegments).WaitAsync(CallTimeout, time);
        }
        catch (Exception exception)
        {
            logger.OwnerUnreachable(partition, exception);
            return PrefixTree.Empty;
        }
    }

    private async Task<FleetSnapshot> RefreshAsync()
    {
        await _one.WaitAsync();
        try
        {
            Known known = _known;
            if (IsFresh(known))
            {
                return known.Snapshot;
            }

            FleetSnapshot snapshot = known.Snapshot;
            try
            {
                snapshot = await grains.GetGrain<IFleetGrain>(0).GetSnapshotAsync(snapshot.Version).WaitAsync(CallTimeout, time)
                    ?? snapshot;
            }
            catch (Exception exception)
            {
                logger.FleetUnreachable(snapshot.Version.ToString(), exception);
            }

            _known = new Known(snapshot, time.GetTimestamp());
            return snapshot;
        }
        finally
        {
            _one.Release();
        }
    }

    private bool IsFresh(Known known) => known.At is { } at && time.GetElapsedTime(at) < options.SnapshotMaxAge;

    private sealed record Known(FleetSnapshot Snapshot, long? At);
}
