using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Files;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>
/// One batch under one claim: reads its file, takes over what earlier claims have answered, runs the rest, and leaves its two
/// files. Ends without a word in the database when the claim is released or lost. Stopping: any thread.
/// </summary>
internal sealed class BatchRun : IDisposable
{
    // An answer that is lost with its instance again and again may be what ends the instances.
    private const int MaxLosses = 5;
    private static readonly TimeSpan RestartGrace = TimeSpan.FromSeconds(30);

    private readonly BatchWork _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _began;
    private int _why;
    private int _completed;
    private int _failed;

    public BatchRun(BatchRecord claim, BatchWork work)
    {
        Claim = claim;
        _work = work;
        _began = work.Time.GetTimestamp();
        (_completed, _failed) = (claim.Completed, claim.Failed);
        if (claim.Status == BatchStatus.Cancelling)
        {
            Stop(BatchStop.Cancelled);
        }
    }

    public BatchRecord Claim { get; }

    public int Completed => Volatile.Read(ref _completed);

    public int Failed => Volatile.Read(ref _failed);

    public BatchStop Why => (BatchStop)Volatile.Read(ref _why);

    /// <summary>Runs no more requests; the first reason counts, but a release ends everything.</summary>
    public void Stop(BatchStop why)
    {
        if (why == BatchStop.Released)
        {
            Volatile.Write(ref _why, (int)why);
        }
        else
        {
            Interlocked.CompareExchange(ref _why, (int)why, (int)BatchStop.None);
        }

        _stop.Cancel();
    }

    /// <summary>Works until the batch has ended or the claim is released.</summary>
    public async Task RunAsync()
    {
        DataFolder folder = _work.Storage.Folder!;
        string own = folder.BatchOf(Claim.Id);
        Directory.CreateDirectory(own);
        DurableDisk.FlushFolder(folder.Batches);
        SafeFileHandle? file = OpenInput();
        if (file is null)
        {
            _work.Storage.Batches.Fail(
                Claim, BatchFault.ToJson([new BatchFault("input_file_gone", "The input file is not there any more.")]));
            return;
        }

        using (file)
        {
            BatchInput input;
            await using (Stream stream = _work.Storage.Files.OpenStream(Claim.InputFile))
            {
                input = await BatchInput.ScanAsync(stream, Claim.Endpoint, _work.Options, CancellationToken.None);
            }

            if (await RunAsync(file, input, own))
            {
                Remove(own);
            }
        }
    }

    public void Dispose() => _stop.Dispose();

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process tidied up.
        }
    }

    private SafeFileHandle? OpenInput()
    {
        try
        {
            return _work.Storage.Files.OpenRead(Claim.InputFile);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    // True = the batch is over.
    private async Task<bool> RunAsync(SafeFileHandle file, BatchInput input, string own)
    {
        BatchStore store = _work.Storage.Batches;
        if (input.Faults.Count > 0)
        {
            return Why switch
            {
                BatchStop.Released => false,
                BatchStop.Cancelled => store.End(Claim, new BatchEnd(BatchStatus.Cancelled, null, null, 0, 0)),
                _ => store.Fail(Claim, BatchFault.ToJson(input.Faults)),
            };
        }

        // Cancelled meanwhile, or claimed in a later state: then there is nothing to begin.
        store.Begin(Claim, input.Count);
        var entries = new JournalEntry[input.Count];
        List<string> journals = [.. BatchJournal.Find(own)];
        for (int i = 0; i < journals.Count; i++)
        {
            int torn = await BatchJournal.ReadAsync(journals[i], i, entries, CancellationToken.None);
            if (torn > 0)
            {
                _work.Logger.JournalTorn(Claim.Id, torn);
            }
        }

        Volatile.Write(ref _completed, entries.Count(e => e is { IsThere: true, Succeeded: true }));
        Volatile.Write(ref _failed, entries.Count(e => e is { IsThere: true, Succeeded: false }));
        _work.Logger.BatchBegun(Claim.Id, Claim.Epoch, input.Count, Completed + Failed);
        if (Why == BatchStop.None && Claim.Status != BatchStatus.Finalizing)
        {
            await RunLinesAsync(file, input, own, journals, entries);
        }

        return Why != BatchStop.Released && await EndAsync(file, input, journals, entries);
    }

    private async Task RunLinesAsync(
        SafeFileHandle file, BatchInput input, string own, List<string> journals, JournalEntry[] entries)
    {
        int[] pending = [.. Enumerable.Range(0, entries.Length).Where(i => !entries[i].IsThere)];
        if (pending.Length == 0)
        {
            return;
        }

        await using BatchJournal journal = new(own, journals.Count, Claim.Epoch);
        journals.Add(BatchJournal.PathOf(own, Claim.Epoch));
        ParallelOptions parallel =
            new() { MaxDegreeOfParallelism = _work.Options.MaxBatchConcurrency, CancellationToken = _stop.Token };
        try
        {
            await Parallel.ForEachAsync(pending, parallel, async (index, cancelled) =>
            {
                BatchLine line = await input.ReadAsync(file, index, Claim.Endpoint, cancelled);
                LineAnswer answer = await AnswerAsync(line, cancelled);
                byte[] json = BatchResultJson.Answer(line.CustomId, answer.Status, answer.Body);
                entries[index] = await journal.AppendAsync(index, answer.Succeeded, json);
                Interlocked.Increment(ref answer.Succeeded ? ref _completed : ref _failed);
                _work.Metrics.OnLine(answer.Succeeded);
            });
        }
        catch (OperationCanceledException) when (Why != BatchStop.None)
        {
            // What was answered until then is in the journal.
        }
    }

    private async Task<LineAnswer> AnswerAsync(BatchLine line, CancellationToken cancelled)
    {
        int losses = 0;
        for (int attempt = 0; ; attempt++)
        {
            LineAnswer answer;
            await _work.Gate.EnterAsync(cancelled);
            try
            {
                answer = await _work.Lines.RunAsync(Claim.Endpoint, line.Body, Claim.Owner, cancelled);
            }
            finally
            {
                _work.Gate.Leave();
            }

            bool lost = answer.IsOverload && CodeOf(answer) == "instance_lost";
            losses += lost ? 1 : 0;
            if (losses > MaxLosses || !(answer.IsOverload || await IsTooEarlyAsync(answer)))
            {
                return answer;
            }

            if (!lost)
            {
                _work.Gate.OnOverload();
            }

            _work.Metrics.OnRetry();
            double chance = (_work.Chance.Next() >> 11) * (1.0 / (1UL << 53));
            await Task.Delay(RetryDelay.Of(attempt, answer.RetryAfter, chance), _work.Time, cancelled);
        }
    }

    // A registry that has just started does not know the models yet.
    private async Task<bool> IsTooEarlyAsync(LineAnswer answer) =>
        answer.Status == 404 && CodeOf(answer) == "model_not_found"
        && ((Claim.Epoch > 1 && _work.Time.GetElapsedTime(_began) < RestartGrace) || (await _work.Models.ListAsync()).Count == 0);

    private static string? CodeOf(LineAnswer answer)
    {
        using JsonDocument body = JsonDocument.Parse(answer.Body);
        return body.RootElement.TryGetProperty("error", out JsonElement error)
            && error.TryGetProperty("code", out JsonElement code)
            ? code.GetString()
            : null;
    }

    private async Task<bool> EndAsync(SafeFileHandle file, BatchInput input, List<string> journals, JournalEntry[] entries)
    {
        BatchStore store = _work.Storage.Batches;
        bool whole = entries.All(e => e.IsThere);
        string status = Why == BatchStop.Cancelled ? BatchStatus.Cancelled : whole ? BatchStatus.Completed : BatchStatus.Expired;
        if (status != BatchStatus.Cancelled && !store.BeginFinalizing(Claim))
        {
            if (store.StatusOf(Claim) != BatchStatus.Cancelling)
            {
                return false;
            }

            status = BatchStatus.Cancelled;
        }

        (StoredFile? output, StoredFile? errors) = await WriteAsync(file, input, journals, entries, status);
        bool ended = store.End(Claim, new BatchEnd(status, output, errors, Completed, Failed));
        foreach (StoredFile? written in (StoredFile?[])[output, errors])
        {
            if (!ended && written is not null)
            {
                File.Delete(_work.Storage.Folder!.FileOf(written.Id));
            }
        }

        if (ended)
        {
            _work.Logger.BatchEnded(Claim.Id, status, entries.Length, Completed, Failed);
        }

        return ended;
    }

    private async Task<(StoredFile? Output, StoredFile? Errors)> WriteAsync(
        SafeFileHandle file, BatchInput input, List<string> journals, JournalEntry[] entries, string status)
    {
        (string code, string message) = status == BatchStatus.Cancelled
            ? ("batch_cancelled", "The batch was cancelled before this request was executed.")
            : ("batch_expired", "This request could not be executed before the completion window expired.");
        SafeFileHandle[] sources =
            [.. journals.Select(j => File.OpenHandle(j, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))];
        try
        {
            using BatchResults output = new(_work.Storage.Folder!);
            using BatchResults errors = new(_work.Storage.Folder!);
            for (int i = 0; i < entries.Length; i++)
            {
                JournalEntry entry = entries[i];
                if (entry.IsThere)
                {
                    byte[] json = new byte[entry.Length];
                    RandomAccess.Read(sources[entry.Journal], json, entry.Offset);
                    (entry.Succeeded ? output : errors).Add(json);
                }
                else
                {
                    BatchLine line = await input.ReadAsync(file, i, Claim.Endpoint, CancellationToken.None);
                    errors.Add(BatchResultJson.NotRun(line.CustomId, code, message));
                }
            }

            long now = _work.Time.GetUtcNow().ToUnixTimeSeconds();
            return (output.Publish(Claim, "output", now), errors.Publish(Claim, "error", now));
        }
        finally
        {
            Array.ForEach(sources, s => s.Dispose());
        }
    }
}
