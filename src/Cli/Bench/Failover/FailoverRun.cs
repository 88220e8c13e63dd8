using System.Diagnostics;
using System.Globalization;
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
    /// prefix cache decides who gets it.
    /// </summary>
    public async Task<FailoverResult> RunAsync(FailoverStep step, ChaosPrompt prompt, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1) };
        string killed = "";
        if (step.Span is { } span)
        {
            // Idle instances are equal, and among equals the first by name is chosen.
            killed = "engine-1";
            string armed = string.Create(CultureInfo.InvariantCulture, $"{span} {step.Nth} {RunningCluster.Process(folder, killed).Id}");
            StateFolder.WritePrivate(faultFile, armed);
        }

        int at = (int)(step.Share * prompt.Expected.Length);
        double paused = 0;
        ChaosClient client = new(http, model, Stopwatch.GetTimestamp());
        ChaosAnswer answer = await client.AskAsync(
            cluster.Gateways[0], 0, prompt, cancellationToken,
            async characters =>
            {
                if (step.Span is not null || killed.Length > 0 || characters < at)
                {
                    return;
                }

                killed = await BusyAsync(http, cancellationToken);
                if (step.SlowReader)
                {
                    paused = ReaderPause.TotalSeconds;
                    await Task.Delay(ReaderPause, time, cancellationToken);
                }

                ProcessTable.Signal(RunningCluster.Process(folder, killed), Signals.Kill);
            });
        await cluster.WhenWholeAsync(TimeSpan.FromMinutes(1), cancellationToken);
        ChaosVerdict verdict = new ChaosReport([answer], [prompt], [], 0).Judge(answer);
        double gap = Math.Max(0, answer.LongestGap - paused);
        return new FailoverResult(step, killed, verdict, gap, answer.Text.Length, answer.Error ?? (killed.Length == 0 ? "nothing was killed" : null));
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
