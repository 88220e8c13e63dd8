using Orleans.Runtime;
using XLLM.Contracts.Ports;

namespace XLLM.Grains.Placement;

/// <summary>
/// Whether a grain that belongs beside a gateway lives on a silo with engines although there is a better one: it was placed when no
/// gateway had started yet. A singleton; any thread.
/// </summary>
internal sealed class GatewayHome(IClusterNodes nodes, ILocalSiloDetails local, TimeProvider time)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _looked;
    private bool _shouldMove;

    /// <summary>The grain shall deactivate; its next call places it on a gateway. Cheap: the membership is read once a second.</summary>
    public bool ShouldMove
    {
        get
        {
            lock (_gate)
            {
                if (_looked is { } looked && time.GetElapsedTime(looked) < LookPeriod)
                {
                    return _shouldMove;
                }

                _looked = time.GetTimestamp();
                IReadOnlyList<ClusterNode> all = nodes.Current;
                bool hasDevices = all.Any(x => x.Name == local.Name && IsActive(x) && !DeviceMetadata.IsGateway(x.Metadata));
                return _shouldMove = hasDevices && all.Any(x => IsActive(x) && DeviceMetadata.IsGateway(x.Metadata));
            }
        }
    }

    private static bool IsActive(ClusterNode node) => node.Status == nameof(SiloStatus.Active);
}
