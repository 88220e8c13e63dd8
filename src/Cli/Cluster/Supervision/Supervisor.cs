using XLLM.Cli.Cluster.Postgres;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster.Supervision;

/// <summary>
/// Makes run what <c>cluster.json</c> says: starts processes, starts those again that have crashed, drains those that are not
/// wanted any more, and writes <c>state.json</c>. Commands only change what is wanted, so that each can be given twice. One
/// thread; one supervisor a folder, which a file lock guards.
/// </summary>
internal sealed class Supervisor(StateFolder folder, TimeProvider time, TextWriter log) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    // Longer than a process's own drain (20 s) and its last words.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(45);

    private readonly Dictionary<string, NodeProcess> _nodes = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private ClusterSpec _spec = folder.ReadSpec() ?? throw new ClusterException($"There is no cluster in '{folder.Root}'.");
    private DateTime _read;
    private ClusterState _written = ClusterState.Empty;

    /// <summary>Runs until nothing is wanted and nothing runs, or the token is cancelled, which means the same.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Adopt(folder.ReadState());
        using PeriodicTimer tick = new(Period, time);
        do
        {
            Read(cancellationToken.IsCancellationRequested);
            if (_spec.Down)
            {
                if (StopAll())
                {
                    break;
                }
            }
            else
            {
                await ReconcileAsync();
            }

            Write();
        }
        while (await tick.WaitForNextTickAsync(CancellationToken.None));

        if (_spec.OwnPostgres && PostgresPrograms.TryFind(out PostgresPrograms? programs) is null)
        {
            await new OwnPostgres(folder, programs!).StopAsync(CancellationToken.None);
        }

        folder.ForgetState();
        await log.WriteLineAsync(Line("The cluster is down."));
    }

    public void Dispose()
    {
        foreach (NodeProcess node in _nodes.Values)
        {
            node.Dispose();
        }

        _http.Dispose();
    }

    private void Adopt(ClusterState state)
    {
        foreach (NodeState known in state.Nodes.Where(x => ProcessTable.IsAlive(x.Process)))
        {
            NodeSpec spec = _spec.Nodes.FirstOrDefault(x => x.Name == known.Name)
                ?? new NodeSpec { Name = known.Name, Kind = NodeRole.Engine, HttpPort = 0, SiloPort = 0 };
            NodeProcess node = new(spec, time);
            node.Adopt(known);
            _nodes[known.Name] = node;
            log.WriteLine(Line($"{known.Name} runs already as process {known.Process!.Id}."));
        }
    }

    private void Read(bool down)
    {
        if (folder.SpecChanged is var changed && changed != _read && folder.ReadSpec() is { } spec)
        {
            (_spec, _read) = (spec, changed);
        }

        if (down && !_spec.Down)
        {
            _spec = _spec with { Down = true };
        }
    }

    private async Task ReconcileAsync()
    {
        foreach (NodeSpec wanted in _spec.Nodes)
        {
            if (!_nodes.TryGetValue(wanted.Name, out NodeProcess? node))
            {
                _nodes[wanted.Name] = node = new NodeProcess(wanted, time);
            }

            if (node.Look())
            {
                await log.WriteLineAsync(Line($"{wanted.Name} has ended by itself; its log is {folder.LogOf(wanted.Name)}."));
            }

            if (node.MayStart && (_spec.Restart || !node.HasCrashed))
            {
                node.Start(folder, _spec);
                await log.WriteLineAsync(Line($"{wanted.Name} starts as process {node.State.Process!.Id}."));
            }

            if (node.State.Phase == NodePhase.Starting && await IsReadyAsync(node))
            {
                node.Ready();
                await log.WriteLineAsync(Line($"{wanted.Name} is ready."));
            }
        }

        foreach (string surplus in _nodes.Keys.Except(_spec.Nodes.Select(x => x.Name)).ToArray())
        {
            End(_nodes[surplus]);
        }
    }

    /// <summary>Gateways first, so that what they have begun ends on engines that still run. True = nothing runs.</summary>
    private bool StopAll()
    {
        NodeProcess[] gateways = [.. _nodes.Values.Where(x => x.Spec.Kind == NodeRole.Gateway)];
        foreach (NodeProcess node in gateways.Length > 0 ? gateways : [.. _nodes.Values])
        {
            End(node);
        }

        return _nodes.Count == 0;
    }

    private void End(NodeProcess node)
    {
        node.Look();
        node.Stop(DrainTime);
        if (!node.IsRunning)
        {
            log.WriteLine(Line($"{node.Spec.Name} is gone."));
            _nodes.Remove(node.Spec.Name);
            node.Dispose();
        }
    }

    private async Task<bool> IsReadyAsync(NodeProcess node)
    {
        // A gateway is ready when a model answers; that it runs is what its supervisor waits for.
        string path = node.Spec.Kind == NodeRole.Gateway ? "/health/live" : "/health/ready";
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(_spec.UrlOf(node.Spec) + path));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private void Write()
    {
        ClusterState state = new()
        {
            Supervisor = ProcessTable.Find(Environment.ProcessId),
            Nodes = [.. _nodes.Values.Select(x => x.State).OrderBy(x => x.Name, StringComparer.Ordinal)],
        };
        if (state.Supervisor != _written.Supervisor || !state.Nodes.SequenceEqual(_written.Nodes))
        {
            folder.Write(state);
            _written = state;
        }
    }

    private string Line(string text) => $"{time.GetUtcNow():HH:mm:ss.fff} {text}";
}
