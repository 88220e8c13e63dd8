using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Files;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>One of the two files a batch leaves, while it is written. Dispose it. One thread.</summary>
internal sealed class BatchResults(DataFolder folder) : IDisposable
{
    private const int BufferBytes = 256 << 10;

    private readonly MemoryStream _buffer = new();
    private SafeFileHandle? _file;
    private string? _path;
    private long _written;

    /// <summary>Adds a line, without its line feed.</summary>
    public void Add(ReadOnlySpan<byte> json)
    {
        _buffer.Write(json);
        _buffer.WriteByte((byte)'\n');
        if (_buffer.Length >= BufferBytes)
        {
            Write();
        }
    }

    /// <summary>
    /// Gives the contents their name; the row that makes them a file is the caller's to add. Null = there were no lines.
    /// </summary>
    public StoredFile? Publish(BatchRecord batch, string kind, long now)
    {
        Write();
        if (_file is null)
        {
            return null;
        }

        StoredFile file = new()
        {
            Id = StoredIds.New(StoredIds.File),
            Owner = batch.Owner,
            Created = now,
            Expires = now + batch.OutputLifetime,
            Bytes = _written,
            Name = $"{batch.Id}_{kind}.jsonl",
            Purpose = FilePurposes.BatchOutput,
        };
        DurableDisk.Publish(_file, _path!, folder.FileOf(file.Id));
        return file;
    }

    public void Dispose()
    {
        _file?.Dispose();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private void Write()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        _path ??= folder.NewUpload();
        _file ??= File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        RandomAccess.Write(_file, _buffer.GetBuffer().AsSpan(0, (int)_buffer.Length), _written);
        _written += _buffer.Length;
        _buffer.SetLength(0);
    }
}
