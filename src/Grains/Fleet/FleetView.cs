using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;

namespace XLLM.Grains.Fleet;

/// <summary>
/// This silo's copy of the newest fleet snapshot; a singleton, any thread. Kept fresh by <see cref="FleetWatcher"/>.
/// </summary>
public sealed class FleetView(IGrainFactory grains)
{
    private readonly Lock _gate = new();
    private FleetSnapshot _current = FleetSnapshot.Empty;
    private Task<FleetSnapshot>? _refresh;

    /// <summary>The newest snapshot this silo has seen.</summary>
    public FleetSnapshot Current => Volatile.Read(ref _current);

    /// <summary>
    /// Asks the registry. Calls that come while one is under way share its answer. Throws when it cannot be reached.
    /// </summary>
    public Task<FleetSnapshot> RefreshAsync()
    {
        lock (_gate)
        {
            // Not on the caller's turn: the answer is shared, and a turn may end with its activation.
            return _refresh is { IsCompleted: false } ? _refresh : _refresh = Task.Run(FetchAsync);
        }
    }

    private async Task<FleetSnapshot> FetchAsync()
    {
        FleetSnapshot? newer = await grains.GetGrain<IFleetGrain>(0).GetSnapshotAsync(Current.Version).ConfigureAwait(false);
        lock (_gate)
        {
            if (newer is not null && newer.Version.CompareTo(_current.Version) > 0)
            {
                Volatile.Write(ref _current, newer);
            }

            return _current;
        }
    }
}
