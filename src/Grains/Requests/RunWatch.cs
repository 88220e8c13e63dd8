using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Grains.Fleet;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Recovery;

namespace XLLM.Grains.Requests;

/// <summary>
/// Watches the instances that this silo's requests run on, each epoch once however many requests it has, and tells their grains
/// when it is lost: the most urgent first, so that they are planned and started first. A singleton; any thread.
/// </summary>
internal sealed class RunWatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(InstanceId Instance, long Epoch), Watched> _instances = [];
    private readonly HashSet<RequestId> _started = [];
    private readonly FleetView _fleet;
    private readonly IGrainFactory _grains;
    private readonly TimeSpan _absentLimit;
    private readonly TimeProvider _time;
    private readonly ILogger<RunWatch> _logger;

    public RunWatch(
        FleetView fleet, IGrainFactory grains, IOptions<FleetOptions> options, TimeProvider time, ILogger<RunWatch> logger)
    {
        _fleet = fleet;
        _grains = grains;
        // A successor of a lost registry may not know an instance until its next report.
        _absentLimit = 2 * options.Value.DeadAfter;
        _time = time;
        _logger = logger;
        fleet.Changed += Check;
    }

    /// <summary>Watches a run until <see cref="Remove"/>.</summary>
    public void Add(WatchedRun run)
    {
        lock (_gate)
        {
            if (!_instances.TryGetValue((run.Instance, run.Epoch), out Watched? watched))
            {
                watched = new Watched(new InstanceWatch(run.Instance, run.Epoch, _absentLimit));
                _instances.Add((run.Instance, run.Epoch), watched);
            }

            watched.Runs[run.Request.Id] = run;
        }
    }

    /// <summary>The run has ended or moved.</summary>
    public void Remove(WatchedRun run)
    {
        lock (_gate)
        {
            if (_instances.TryGetValue((run.Instance, run.Epoch), out Watched? watched)
                && watched.Runs.TryGetValue(run.Request.Id, out WatchedRun? known) && known.Run == run.Run)
            {
                watched.Runs.Remove(run.Request.Id);
                watched.Told.Remove(run.Request.Id);
                if (watched.Runs.Count == 0)
                {
                    _instances.Remove((run.Instance, run.Epoch));
                }
            }
        }
    }

    /// <summary>The request has ended.</summary>
    public void Forget(RequestId request)
    {
        lock (_gate)
        {
            _started.Remove(request);
        }
    }

    /// <summary>The request's first token came now: from here on its objective is the time between tokens.</summary>
    public void FirstToken(RequestId request)
    {
        lock (_gate)
        {
            _started.Add(request);
        }
    }

    /// <summary>Looks at the newest snapshot and tells the grains of what was lost. Never waits.</summary>
    public void Check()
    {
        FleetSnapshot snapshot = _fleet.Current;
        DateTimeOffset now = _time.GetUtcNow();
        List<(WatchedRun Run, double Slack)> lost = [];
        lock (_gate)
        {
            foreach (Watched watched in _instances.Values)
            {
                if (watched.Watch.IsLost(snapshot, now))
                {
                    lost.AddRange(watched.Runs.Values.Where(x => watched.Told.Add(x.Request.Id)).Select(x => (x, SlackOf(x, now))));
                }
            }
        }

        // As the recovery planner orders them: those that can still be in time first, the most urgent of them before the others.
        foreach ((WatchedRun run, _) in lost
            .OrderBy(x => x.Run.Request.Priority)
            .ThenBy(x => x.Slack < 0)
            .ThenBy(x => x.Slack)
            .ThenBy(x => x.Run.Request.Arrival))
        {
            _ = TellAsync(run);
        }
    }

    // How many tokens it has is not known here; one that has some is due its next within its objective.
    private double SlackOf(WatchedRun run, DateTimeOffset now) => _started.Contains(run.Request.Id)
        ? run.Request.Slo.TpotSeconds
        : RecoverySlack.Of(run.Request.Slo, run.Request.Arrival, null, 0, now);

    private async Task TellAsync(WatchedRun run)
    {
        try
        {
            await _grains.GetGrain<IRequestGrain>(run.Request.Id.Value).OnFinishedAsync(
                run.Instance, run.Run, RequestOutcome.InstanceLost, new RequestUsage(), $"Instance {run.Instance} is gone.")
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _logger.LossUntold(run.Request.Id, run.Instance, e);
            lock (_gate)
            {
                if (_instances.TryGetValue((run.Instance, run.Epoch), out Watched? watched))
                {
                    watched.Told.Remove(run.Request.Id);
                }
            }
        }
    }

    private sealed class Watched(InstanceWatch watch)
    {
        public InstanceWatch Watch { get; } = watch;

        public Dictionary<RequestId, WatchedRun> Runs { get; } = [];

        /// <summary>Requests whose grains were told, so that they are not told at each look.</summary>
        public HashSet<RequestId> Told { get; } = [];
    }
}
