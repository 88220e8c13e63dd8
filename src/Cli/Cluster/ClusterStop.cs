using System.Diagnostics;
using XLLM.Cli.Cluster.Postgres;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster;

/// <summary>Ends a cluster, whoever of it still runs.</summary>
internal sealed class ClusterStop(StateFolder folder, TextWriter progress)
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(60);

    /// <summary>Drains and stops everything; false = nothing ran.</summary>
    public async Task<bool> DownAsync(CancellationToken cancellationToken)
    {
        if (folder.ReadSpec() is not { } spec)
        {
            return false;
        }

        bool ran = false;
        if (!spec.Down)
        {
            folder.Write(spec with { Down = true });
        }

        if (folder.ReadState().Supervisor is { } supervisor && ProcessTable.IsAlive(supervisor))
        {
            ran = true;
            await FollowAsync(supervisor, cancellationToken);
        }

        ran |= await EndLeftoversAsync(cancellationToken);
        if (spec.OwnPostgres && PostgresPrograms.TryFind(out PostgresPrograms? programs) is null)
        {
            OwnPostgres postgres = new(folder, programs!);
            if (await postgres.RunsAsync(cancellationToken))
            {
                ran = true;
                await progress.WriteLineAsync("stopping PostgreSQL");
                await postgres.StopAsync(cancellationToken);
            }
        }

        folder.ForgetState();
        return ran;
    }

    /// <summary>
    /// Ends processes of a supervisor that is gone: told to, then killed. Only those whose id and start agree with the state are
    /// touched. True = there were some.
    /// </summary>
    public async Task<bool> EndLeftoversAsync(CancellationToken cancellationToken)
    {
        ProcessMark[] left = [.. folder.ReadState().Nodes.Select(x => x.Process).OfType<ProcessMark>().Where(ProcessTable.IsAlive)];
        foreach (ProcessMark process in left)
        {
            await progress.WriteLineAsync($"ending process {process.Id}, which an earlier supervisor left");
            ProcessTable.Signal(process, Signals.Terminate);
        }

        foreach (ProcessMark process in left)
        {
            if (!await ProcessTable.WaitForExitAsync(process, DrainTime, cancellationToken))
            {
                ProcessTable.Signal(process, Signals.Kill);
                await ProcessTable.WaitForExitAsync(process, TimeSpan.FromSeconds(5), cancellationToken);
            }
        }

        return left.Length > 0;
    }

    private async Task FollowAsync(ProcessMark supervisor, CancellationToken cancellationToken)
    {
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(100));
        Dictionary<string, NodePhase> told = [];
        long started = Stopwatch.GetTimestamp();
        while (ProcessTable.IsAlive(supervisor))
        {
            foreach (NodeState node in folder.ReadState().Nodes.Where(x => !told.TryGetValue(x.Name, out NodePhase p) || p != x.Phase))
            {
                told[node.Name] = node.Phase;
                if (node.Phase == NodePhase.Draining)
                {
                    await progress.WriteLineAsync($"{node.Name,-12} draining");
                }
            }

            if (Stopwatch.GetElapsedTime(started) > 2 * DrainTime)
            {
                throw new ClusterException($"The supervisor, process {supervisor.Id}, does not end; see '{folder.LogOf("supervisor")}'.");
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }
}
