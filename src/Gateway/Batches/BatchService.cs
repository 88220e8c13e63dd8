using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>
/// Looks after the batches of the data folder: claims what nobody works on, renews the claims, ends what is cancelled or expired,
/// paces the offline work by the instances' load, and removes what has expired.
/// </summary>
internal sealed class BatchService(
    GatewayStorage storage,
    LineRunner lines,
    OfflineGate gate,
    ModelCatalog models,
    IFleetView fleet,
    GatewayOptions options,
    BatchMetrics metrics,
    ISeedSource chance,
    TimeProvider time,
    ILogger<BatchService> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OrphanAge = TimeSpan.FromDays(1);

    private readonly BatchWork _work = new(storage, lines, gate, models, options, metrics, chance, time, logger);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Dictionary<string, ClaimedBatch> _runs = new(StringComparer.Ordinal);
    private long? _polled;
    private long? _swept;
    private bool _woken;

    /// <summary>Something has changed that is worth a look now.</summary>
    public void Wake()
    {
        Volatile.Write(ref _woken, true);
        _wake.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsOn)
        {
            return;
        }

        await using ITimer tick = time.CreateTimer(_ => _wake.Writer.TryWrite(true), null, TimeSpan.Zero, Look);
        try
        {
            while (await _wake.Reader.ReadAsync(stoppingToken))
            {
                try
                {
                    await LookAsync();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    logger.LookFailed(exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; the batches wait for the next one.
        }

        await ReleaseAllAsync();
    }

    private async Task LookAsync()
    {
        foreach (ClaimedBatch ended in _runs.Values.Where(r => r.Task.IsCompleted).ToArray())
        {
            _runs.Remove(ended.Run.Claim.Id);
            ended.Run.Dispose();
        }

        if (_runs.Count > 0)
        {
            await PaceAsync();
        }

        if (_polled is { } polled && time.GetElapsedTime(polled) < Poll && !Interlocked.Exchange(ref _woken, false))
        {
            return;
        }

        _polled = time.GetTimestamp();
        foreach (ClaimedBatch claimed in _runs.Values)
        {
            Tend(claimed);
        }

        ClaimSome();
        if (_swept is not { } swept || time.GetElapsedTime(swept) >= SweepEvery)
        {
            _swept = time.GetTimestamp();
            Sweep();
        }
    }

    private async Task PaceAsync()
    {
        FleetSnapshot snapshot = await fleet.GetAsync();
        (int running, int waiting, double token) = (0, 0, double.NaN);
        foreach (InstanceStatus instance in snapshot.Instances)
        {
            running += instance.Load.Running;
            waiting += instance.Load.Waiting;
            token = double.IsNaN(token) ? instance.Load.TokenSeconds
                : double.IsNaN(instance.Load.TokenSeconds) ? token : Math.Max(token, instance.Load.TokenSeconds);
        }

        gate.Observe(running, waiting, token);
    }

    private void Tend(ClaimedBatch claimed)
    {
        BatchRun run = claimed.Run;
        if (claimed.Task.IsCompleted)
        {
            return;
        }

        bool renew = time.GetElapsedTime(claimed.Renewed) >= RenewAfter || claimed.Told != run.Completed + run.Failed;
        if (renew)
        {
            (claimed.Renewed, claimed.Told) = (time.GetTimestamp(), run.Completed + run.Failed);
        }

        string? status = renew
            ? storage.Batches.Renew(run.Claim, Lease, run.Completed, run.Failed)
            : storage.Batches.StatusOf(run.Claim);
        if (status is null)
        {
            logger.ClaimLost(run.Claim.Id);
            run.Stop(BatchStop.Released);
        }
        else if (status == BatchStatus.Cancelling)
        {
            run.Stop(BatchStop.Cancelled);
        }
        else if (time.GetUtcNow().ToUnixTimeSeconds() >= run.Claim.Expires)
        {
            run.Stop(BatchStop.Expired);
        }
    }

    private void ClaimSome()
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        List<BatchRecord> waiting = [.. storage.Batches.ListOpen().Where(b => !_runs.ContainsKey(b.Id))];
        while (waiting.Count > 0)
        {
            // Those that only have to be ended need no place. Of the others, the key's turn comes that has the fewest here.
            BatchRecord next = waiting.Find(b => IsEnding(b, now))
                ?? waiting.MinBy(b => _runs.Values.Count(r => r.Run.Claim.Owner == b.Owner))!;
            if (_runs.Count >= options.BatchesAtOnce && !IsEnding(next, now))
            {
                return;
            }

            waiting.Remove(next);
            bool free = next.Lease <= now || (next.Runner is { } runner && !storage.Presence!.IsAlive(runner));
            if (free && storage.Batches.Claim(next, storage.Presence!.Id, Lease) is { } claim)
            {
                BatchRun run = new(claim, _work);
                if (now / 1000 >= claim.Expires)
                {
                    run.Stop(BatchStop.Expired);
                }

                _runs[claim.Id] = new ClaimedBatch(run, Task.Run(() => RunAsync(run)), time.GetTimestamp());
            }
        }
    }

    private static bool IsEnding(BatchRecord batch, long now) =>
        batch.Status == BatchStatus.Cancelling || now / 1000 >= batch.Expires;

    private async Task RunAsync(BatchRun run)
    {
        try
        {
            await run.RunAsync();
            if (run.Why == BatchStop.Released)
            {
                storage.Batches.Release(run.Claim, TimeSpan.Zero);
            }
        }
        catch (Exception exception)
        {
            logger.BatchFailed(run.Claim.Id, FailurePause, exception);
            Release(run);
        }
        finally
        {
            Wake();
        }
    }

    private void Release(BatchRun run)
    {
        try
        {
            storage.Batches.Release(run.Claim, FailurePause);
        }
        catch (Exception exception)
        {
            // The lease runs out by itself.
            logger.LookFailed(exception);
        }
    }

    private void Sweep()
    {
        int files = storage.Files.RemoveExpired();
        if (files > 0)
        {
            logger.FilesExpired(files);
        }

        storage.Files.RemoveOrphans(OrphanAge);
        storage.Presence!.RemoveDead();
        RemoveJournals();
    }

    // Left by a process that died between the end of a batch and this.
    private void RemoveJournals()
    {
        HashSet<string> open = [.. storage.Batches.ListOpen().Select(b => b.Id)];
        string[] folders = Directory.GetDirectories(storage.Folder!.Batches);
        foreach (string folder in folders.Where(f => !open.Contains(Path.GetFileName(f))))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Its own run was quicker.
            }
        }
    }

    private async Task ReleaseAllAsync()
    {
        foreach (ClaimedBatch claimed in _runs.Values)
        {
            claimed.Run.Stop(BatchStop.Released);
        }

        await Task.WhenAll(_runs.Values.Select(r => r.Task));
    }
}
