using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Fleet;

/// <summary>
/// This silo's copy of the newest fleet snapshot; a singleton, any thread. Kept fresh by <see cref="FleetWatcher"/>.
/// </summary>
public sealed partial class FleetView(
    IGrainFactory grains, IOptions<FleetOptions> options, TimeProvider time, ILogger<FleetView> logger)
{
    private readonly Lock _gate = new();
    private FleetSnapshot _current = FleetSnapshot.Empty;
    private Task<FleetSnapshot>? _refresh;

    /// <summary>Raised after a newer snapshot is there, on the thread that brought it.</summary>
    public event Action? Changed;

    /// <summary>The newest snapshot this silo has seen.</summary>
    public FleetSnapshot Current => Volatile.Read(ref _current);

    /// <summary>The instance as this silo last saw it; null = not in the fleet.</summary>
    public InstanceStatus? Find(InstanceId instance) => Current.Instances.FirstOrDefault(x => x.Descriptor.Id == instance);

    /// <summary>
    /// Asks the registry. Calls that come while one is under way share its answer. Throws when it cannot be reached, or does not
    /// answer for as long as an instance may be silent: a call to a silo that has died may hang for much longer.
    /// </summary>
    public Task<FleetSnapshot> RefreshAsync()
    {
        lock (_gate)
        {
            // Not on the caller's turn: the answer is shared, and a turn may end with its activation.
            return _refresh is { IsCompleted: false } ? _refresh : _refresh = Task.Run(FetchAsync);
        }
    }

    /// <summary>
    /// Tells the registry that this epoch of the instance cannot be reached, and looks at what it makes of that. Never throws: it is
    /// a hint. For whoever sees a connection refused or a call fail.
    /// </summary>
    public async Task ReportUnreachableAsync(InstanceId instance, long epoch)
    {
        try
        {
            await grains.GetGrain<IFleetGrain>(0).ReportUnreachableAsync(instance, epoch)
                .WaitAsync(options.Value.SuspectAfter, time).ConfigureAwait(false);
            await RefreshAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            HintLost(instance, e);
        }
    }

    private async Task<FleetSnapshot> FetchAsync()
    {
        FleetSnapshot? newer = await grains.GetGrain<IFleetGrain>(0).GetSnapshotAsync(Current.Version)
            .WaitAsync(options.Value.SuspectAfter, time).ConfigureAwait(false);
        lock (_gate)
        {
            if (newer is null || newer.Version.CompareTo(_current.Version) <= 0)
            {
                return _current;
            }

            Volatile.Write(ref _current, newer);
        }

        Changed?.Invoke();
        return newer;
    }

    [LoggerMessage(LogLevel.Debug, "The registry could not be told that {Instance} is out of reach.")]
    private partial void HintLost(InstanceId instance, Exception e);
}
