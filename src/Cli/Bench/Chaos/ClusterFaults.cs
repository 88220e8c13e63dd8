using System.Text.Json.Nodes;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.Display;
using XLLM.Cli.Cluster.Postgres;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Hurts the processes of a cluster that <c>cluster up</c> started on this machine. Needs Linux.</summary>
internal sealed class ClusterFaults(StateFolder folder, ClusterSpec spec, TimeProvider time) : IFaultTarget
{
    private const int Stop = 19;
    private const int Continue = 18;
    private readonly NodeSpec[] _engines = [.. spec.Engines];

    public int Engines => _engines.Length;

    /// <summary>Names of the engines' nodes.</summary>
    public IEnumerable<string> EngineNames => _engines.Select(e => e.Name);

    public IReadOnlyList<Uri> Gateways { get; } = [.. spec.Urls.Select(url => new Uri(url + "/"))];

    public string? WhyNot(FaultKind kind) => kind switch
    {
        FaultKind.KillDatabase when !spec.OwnPostgres => "the membership is not in a database of the cluster's own",
        FaultKind.CutConnections => ConnectionCutter.WhyNot(),
        _ => null,
    };

    public async Task StrikeAsync(Fault fault, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.KillEngine:
                ProcessTable.Signal(await ProcessAsync(fault.Engine, cancellationToken), Signals.Kill);
                break;
            case FaultKind.RestartEngine:
                ProcessTable.Signal(await ProcessAsync(fault.Engine, cancellationToken), Signals.Terminate);
                break;
            case FaultKind.PauseEngine:
                await PauseAsync(await ProcessAsync(fault.Engine, cancellationToken), fault.Seconds, cancellationToken);
                break;
            case FaultKind.CutConnections:
                await ConnectionCutter.CutAsync((await ProcessAsync(fault.Engine, cancellationToken)).Id, cancellationToken);
                break;
            case FaultKind.KillDatabase:
                await KillDatabaseAsync(fault.Seconds, cancellationToken);
                break;
            case FaultKind.SlowDisk:
                await DiskNoise.MakeAsync(Path.Combine(folder.Root, "noise"), TimeSpan.FromSeconds(fault.Seconds), cancellationToken);
                break;
        }
    }

    public async Task WhenWholeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using StatusReader reader = new(folder);
        long started = time.GetTimestamp();
        while (true)
        {
            ClusterStatus status = await reader.ReadAsync(cancellationToken);
            int ready = Instances(status).Count(i => (string?)i["health"] == "ready");
            bool all = spec.Nodes.All(n => status.State.Find(n.Name) is { Phase: NodePhase.Ready } s && ProcessTable.IsAlive(s.Process));
            if (all && ready == Engines)
            {
                return;
            }

            if (time.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"{ready} of {Engines} engines are ready after {limit.TotalSeconds:0} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<string>> CheckIntegrityAsync(CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
        string text = await http.GetStringAsync(new Uri(Gateways[0], "cluster/integrity"), cancellationToken);
        return [.. (JsonNode.Parse(text)?["faults"] as JsonArray ?? []).Select(f => (string?)f ?? "")];
    }

    private static IEnumerable<JsonObject> Instances(ClusterStatus status) =>
        (status.Fleet?["instances"] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>The engine's process; waits while its supervisor starts a new one.</summary>
    private async Task<ProcessMark> ProcessAsync(int engine, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (folder.ReadState().Find(_engines[engine].Name)?.Process is { } process && ProcessTable.IsAlive(process))
            {
                return process;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
    }

    private async Task PauseAsync(ProcessMark process, double seconds, CancellationToken cancellationToken)
    {
        ProcessTable.Signal(process, Stop);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken);
        }
        finally
        {
            ProcessTable.Signal(process, Continue);
        }
    }

    private async Task KillDatabaseAsync(double seconds, CancellationToken cancellationToken)
    {
        OwnPostgres postgres = new(folder, PostgresPrograms.Find());
        await postgres.KillAsync(cancellationToken);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken);
        }
        finally
        {
            await postgres.StartAsync(CancellationToken.None);
        }
    }
}
