using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace XLLM.Formats;

/// <summary>
/// A whole file mapped read-only. Spans and pointers into it are valid until <see cref="Dispose"/>; who holds one keeps the
/// file open. Reading is safe from any thread. The file must not be shortened while it is mapped.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private MappedFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, long length)
    {
        Path = path;
        Length = length;
        _map = map;
        _view = view;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>
    /// Maps a file. Errors: those of <see cref="File.OpenHandle"/>; <see cref="ModelFormatException"/> when it is empty.
    /// </summary>
    public static MappedFile Open(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long length = RandomAccess.GetLength(handle);
        if (length == 0)
        {
            throw new ModelFormatException(path, "the file is empty");
        }

        MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, true);
        try
        {
            return new MappedFile(path, map, map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Bytes [offset, offset + length). Errors: <see cref="ArgumentOutOfRangeException"/> outside of the file.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length) => new(At(offset, length), length);

    /// <summary>Address of <paramref name="offset"/>, after checking that <paramref name="length"/> bytes follow.</summary>
    public byte* At(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return _start + offset;
    }

    public void Dispose()
    {
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }
}
