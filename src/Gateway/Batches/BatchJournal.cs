using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>
/// The results of a batch as they come, append-only. An answer counts once <see cref="AppendAsync"/> has returned: it is on the
/// disk then. Results that come together share a write and a flush. Every claim writes a journal of its own, so nothing is ever
/// written into a file that another process may still write, and a last line that was torn by a crash is never written behind.
/// Appending: any thread.
/// </summary>
internal sealed class BatchJournal : IAsyncDisposable
{
    private const string Extension = ".journal";
    private const int GroupBytes = 1 << 20;

    private readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly SafeFileHandle _file;
    private readonly int _number;
    private readonly Task _writing;
    private long _length;

    /// <summary>Makes the journal of a claim.</summary>
    /// <param name="folder">Of the batch; it is there.</param>
    /// <param name="number">Its place among the journals of this run.</param>
    /// <param name="epoch">Of the claim.</param>
    public BatchJournal(string folder, int number, long epoch)
    {
        _number = number;
        _file = File.OpenHandle(PathOf(folder, epoch), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        DurableDisk.FlushFolder(folder);
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>The journal of a claim.</summary>
    public static string PathOf(string folder, long epoch) => Path.Combine(folder, epoch + Extension);

    /// <summary>Journals of a batch, the oldest claim's first.</summary>
    public static IReadOnlyList<string> Find(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(path =>
                (Path: path, Known: long.TryParse(Path.GetFileNameWithoutExtension(path), out long epoch), Epoch: epoch))
            .Where(j => j.Known).OrderBy(j => j.Epoch).Select(j => j.Path),
    ];

    /// <summary>
    /// Reads a journal into <paramref name="entries"/>, by index of the request; the first result of a request stays. Gives the
    /// number of lines that were not whole: at most the last one, unless the disk lost something. Such results count as not
    /// there.
    /// </summary>
    public static async Task<int> ReadAsync(string path, int number, JournalEntry[] entries, CancellationToken cancelled)
    {
        await using FileStream stream = new(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        LineReader lines = new(stream, int.MaxValue / 2);
        int torn = 0;
        while (await lines.ReadAsync(cancelled))
        {
            if (!lines.IsEnded || lines.IsTooLong
                || !JournalFormat.TryRead(lines.Line.Span, out int index, out bool succeeded, out int head)
                || index >= entries.Length)
            {
                torn++;
            }
            else if (!entries[index].IsThere)
            {
                entries[index] = new JournalEntry(number, lines.Offset + head, lines.Line.Length - head, succeeded);
            }
        }

        return torn;
    }

    /// <summary>Writes a result; it is on the disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the journal takes nothing more.</exception>
    public Task<JournalEntry> AppendAsync(int index, bool succeeded, byte[] json)
    {
        Pending pending = new(index, succeeded, json);
        if (!_pending.Writer.TryWrite(pending))
        {
            throw new IOException("The batch's journal takes nothing more.");
        }

        return pending.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task WriteAllAsync()
    {
        List<(Pending Result, JournalEntry Entry)> group = [];
        MemoryStream bytes = new();
        Exception? failure = null;
        while (await _pending.Reader.WaitToReadAsync())
        {
            while (bytes.Length < GroupBytes && _pending.Reader.TryRead(out Pending? next))
            {
                byte[] head = JournalFormat.Head(next.Index, next.Succeeded, next.Json);
                long offset = _length + bytes.Length + head.Length;
                group.Add((next, new JournalEntry(_number, offset, next.Json.Length, next.Succeeded)));
                bytes.Write(head);
                bytes.Write(next.Json);
                bytes.WriteByte((byte)'\n');
            }

            try
            {
                if (failure is null)
                {
                    RandomAccess.Write(_file, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), _length);
                    RandomAccess.FlushToDisk(_file);
                    _length += bytes.Length;
                }
            }
            catch (Exception exception)
            {
                // What the disk has of it is not known, so nothing is written behind it.
                failure = exception;
                _pending.Writer.TryComplete();
            }

            foreach ((Pending result, JournalEntry entry) in group)
            {
                if (failure is null)
                {
                    result.Done.SetResult(entry);
                }
                else
                {
                    result.Done.SetException(new IOException($"A result could not be written: {failure.Message}", failure));
                }
            }

            group.Clear();
            bytes.SetLength(0);
        }
    }

    private sealed record Pending(int Index, bool Succeeded, byte[] Json)
    {
        public TaskCompletionSource<JournalEntry> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
