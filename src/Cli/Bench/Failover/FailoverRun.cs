using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Chaos;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Bench.Failover;

/// <summary>Kills the engine that has a request, at a step of it, and compares what the client got.</summary>
internal sealed class FailoverRun(StateFolder folder, ClusterFaults cluster, string model, string faultFile, TimeProvider time)
{
    private static readonly TimeSpan ReaderPause = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// One request, one kill. Ends when the cluster is whole again. <paramref name="prompt"/> must be new to the cluster, so that no
    /// prefix cache decides who gets it. <paramref name="victim"/> is killed at a step at which the request has no instance yet.
    /// </summary>
    public async Task<FailoverResult> RunAsync(
        FailoverStep step, ChaosPrompt prompt, string victim, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1) };
        Dictionary<string, int> processes = cluster.EngineNames.ToDictionary(n => n, n => RunningCluster.Process(folder, n).Id);
        bool struck = false;
        if (step.Span is { } span)
        {
            string nodes = string.Join(' ', processes.Select(p => $"{p.Key}={p.Value}"));
            StateFolder.WritePrivate(faultFile, $"{span} {step.Nth} {processes[victim]} {nodes}");
        }

        Moves before = await Moves.ReadAsync(http, cluster.Gateways[0], cancellationToken);
        int at = (int)(step.Share * prompt.Expected.Length);
        double paused = 0;
        Task<string>? busy = null;
        ChaosClient client = new(http, model, Stopwatch.GetTimestamp());
        ChaosAnswer answer = await client.AskAsync(
            cluster.Gateways[0], 0, prompt, cancellationToken,
            async characters =>
            {
                if (step.Span is not null || struck)
                {
                    return;
                }

                // Looked for beforehand: a report is up to 0.1 s old, and the kill must not wait for one.
                busy ??= BusyAsync(http, cancellationToken);
                if (characters < at)
                {
                    return;
                }

                struck = true;
                int process = processes[await busy];
                if (step.SlowReader)
                {
                    paused = ReaderPause.TotalSeconds;
                    await Task.Delay(ReaderPause, time, cancellationToken);
                }

                if (ProcessTable.Find(process) is { } mark)
                {
                    ProcessTable.Signal(mark, Signals.Kill);
                }
            });
        await cluster.WhenWholeAsync(TimeSpan.FromMinutes(1), cancellationToken);
        string killed = string.Join(' ', processes.Where(p => RunningCluster.Process(folder, p.Key).Id != p.Value).Select(p => p.Key));
        Moves moves = await Moves.ReadAsync(http, cluster.Gateways[0], cancellationToken) - before;
        ChaosVerdict verdict = new ChaosReport([answer], [prompt], [], 0).Judge(answer);
        double gap = Math.Max(0, answer.LongestGap - paused);
        string? error = answer.Error ?? (killed.Length == 0 ? "nothing was killed" : null);
        return new FailoverResult(step, killed, verdict, moves, gap, answer.Text.Length, error);
    }

    /// <summary>Name of the engine that computes something now.</summary>
    private async Task<string> BusyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < TimeSpan.FromSeconds(5))
        {
            using JsonDocument fleet = JsonDocument.Parse(
                await http.GetStringAsync(new Uri(cluster.Gateways[0], "cluster"), cancellationToken));
            foreach (JsonElement instance in fleet.RootElement.GetProperty("instances").EnumerateArray())
            {
                if (instance.GetProperty("health").GetString() == "ready" && instance.GetProperty("running").GetInt32() > 0)
                {
                    return instance.GetProperty("node").GetString()!;
                }
            }
        }

        throw new TimeoutException("No engine reports a running request.");
    }
}
