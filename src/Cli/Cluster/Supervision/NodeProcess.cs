using System.Diagnostics;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster.Supervision;

/// <summary>One process of a cluster in its supervisor's hands. One thread.</summary>
internal sealed class NodeProcess(NodeSpec spec, TimeProvider time) : IDisposable
{
    private readonly Backoff _backoff = new();
    private Process? _child;
    private DateTimeOffset _readySince;
    private DateTimeOffset _startAfter;
    private DateTimeOffset _killAfter;

    public NodeSpec Spec { get; private set; } = spec;

    public NodeState State { get; private set; } =
        new() { Name = spec.Name, Process = null, Phase = NodePhase.Starting, Since = time.GetUtcNow() };

    public bool IsRunning => State.Process is not null;

    /// <summary>It has run and ended without being told to.</summary>
    public bool HasCrashed => State is { Phase: NodePhase.Exited, Process: null } && _startAfter != default;

    /// <summary>Takes over a process that an earlier supervisor started.</summary>
    public void Adopt(NodeState known) => State = known with { Since = time.GetUtcNow() };

    public void Start(StateFolder folder, ClusterSpec cluster)
    {
        if (cluster.Nodes.FirstOrDefault(x => x.Name == Spec.Name) is { } now)
        {
            Spec = now;
        }

        NodeConfiguration.Write(folder, cluster, Spec);
        File.AppendAllText(folder.LogOf(Spec.Name), $"--- start of {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC ---\n");
        _child?.Dispose();
        _child = Launcher.Start(["node", "--config", folder.ConfigOf(Spec.Name)], folder.LogOf(Spec.Name), detached: false);
        // A process that is gone already has no mark; the next look sees it as crashed.
        ProcessMark mark = ProcessTable.Find(_child.Id) ?? new ProcessMark(_child.Id, 0);
        Enter(NodePhase.Starting, State.Restarts + (_startAfter == default ? 0 : 1), mark);
    }

    /// <summary>Sees whether it still runs; true when it has just ended by itself.</summary>
    public bool Look()
    {
        if (State.Process is null || ProcessTable.IsAlive(State.Process))
        {
            return false;
        }

        bool crashed = State.Phase != NodePhase.Draining;
        TimeSpan ready = State.Phase == NodePhase.Ready ? time.GetUtcNow() - _readySince : TimeSpan.Zero;
        _startAfter = crashed ? time.GetUtcNow() + _backoff.After(ready) : default;
        Enter(NodePhase.Exited, State.Restarts, null);
        return crashed;
    }

    public bool MayStart => !IsRunning && time.GetUtcNow() >= _startAfter;

    public void Ready()
    {
        _readySince = time.GetUtcNow();
        Enter(NodePhase.Ready, State.Restarts, State.Process);
    }

    /// <summary>Tells it to end, once; kills it when its time to drain is over.</summary>
    public void Stop(TimeSpan most)
    {
        if (State.Process is not { } process)
        {
            return;
        }

        if (State.Phase != NodePhase.Draining)
        {
            _killAfter = time.GetUtcNow() + most;
            ProcessTable.Signal(process, Signals.Terminate);
            Enter(NodePhase.Draining, State.Restarts, process);
        }
        else if (time.GetUtcNow() >= _killAfter)
        {
            ProcessTable.Signal(process, Signals.Kill);
        }
    }

    public void Dispose() => _child?.Dispose();

    private void Enter(NodePhase phase, int restarts, ProcessMark? process) => State = State with
    {
        Phase = phase, Restarts = restarts, Process = process, Since = time.GetUtcNow(),
    };
}
