using System.Diagnostics;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster;

/// <summary>Waits for the supervisor to have done what was asked.</summary>
internal sealed class ReadyWait(StateFolder folder, TextWriter progress)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Until every node runs and is ready, those that are not wanted are gone, and a gateway answers for a model. Throws
    /// <see cref="ClusterException"/> with a log's end when a process ends instead, or the time is over.
    /// </summary>
    public async Task AllReadyAsync(ClusterSpec spec, TimeSpan most, CancellationToken cancellationToken)
    {
        using PeriodicTimer tick = new(Period);
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
        Dictionary<string, NodePhase> told = [];
        long started = Stopwatch.GetTimestamp();
        do
        {
            ClusterState state = folder.ReadState();
            foreach (NodeState node in state.Nodes.Where(x => !told.TryGetValue(x.Name, out NodePhase phase) || phase != x.Phase))
            {
                told[node.Name] = node.Phase;
                await progress.WriteLineAsync($"{node.Name,-12} {node.Phase.ToString().ToLowerInvariant()}");
            }

            CheckCrashes(spec, state);
            bool ready = spec.Nodes.All(x => state.Find(x.Name)?.Phase == NodePhase.Ready)
                && state.Nodes.All(x => spec.Nodes.Any(wanted => wanted.Name == x.Name));
            if (ready && await AnswersAsync(http, spec, cancellationToken))
            {
                return;
            }

            CheckSupervisor(state, Stopwatch.GetElapsedTime(started));
            await tick.WaitForNextTickAsync(cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(started) < most);

        IEnumerable<string> late = spec.Nodes.Select(x => x.Name).Where(x => folder.ReadState().Find(x)?.Phase != NodePhase.Ready);
        throw new ClusterException(
            $"Not ready after {most.TotalSeconds:0} s: {string.Join(", ", late.DefaultIfEmpty("the gateway sees no instance"))}. "
            + $"Logs are in '{folder.Logs}'.");
    }

    private static async Task<bool> AnswersAsync(HttpClient http, ClusterSpec spec, CancellationToken cancellationToken)
    {
        foreach (string url in spec.Urls)
        {
            try
            {
                using HttpResponseMessage response = await http.GetAsync(new Uri(url + "/health/ready"), cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    return false;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private void CheckCrashes(ClusterSpec spec, ClusterState state)
    {
        // One crash may be another program that took a port; a third start is no accident.
        NodeState? crashed = state.Nodes.FirstOrDefault(
            x => x.Phase == NodePhase.Exited && x.Process is null && x.Since != default && (!spec.Restart || x.Restarts >= 2));
        if (crashed is not null)
        {
            string log = folder.LogOf(crashed.Name);
            throw new ClusterException($"{crashed.Name} ends instead of running. The end of '{log}':\n{LogFile.Tail(log, 15)}");
        }
    }

    private void CheckSupervisor(ClusterState state, TimeSpan waited)
    {
        if (state.Supervisor is null ? waited > TimeSpan.FromSeconds(20) : !ProcessTable.IsAlive(state.Supervisor))
        {
            string log = folder.LogOf("supervisor");
            throw new ClusterException($"The supervisor has ended. The end of '{log}':\n{LogFile.Tail(log, 15)}");
        }
    }
}
