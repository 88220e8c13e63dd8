using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using XLLM.Contracts.Ids;
using XLLM.Engine.Interop;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer;

/// <summary>
/// The KV pool of another process of this machine, mapped. It stays readable when that process has died, however it
/// died: what it had computed can be taken over. Nothing is asked of the other process, so a block may change while it is copied;
/// <see cref="TryCopy"/> says whether the copy is good. Any thread.
/// </summary>
public sealed unsafe class PeerPool : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private readonly TagTable _tags;
    private readonly KvLayout _layout;
    private readonly FileStream _stream;

    private PeerPool(
        FileStream stream, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* data, TagTable tags, KvLayout layout)
    {
        _stream = stream;
        _file = file;
        _view = view;
        _data = data;
        _tags = tags;
        _layout = layout;
    }

    /// <summary>Blocks of the pool.</summary>
    public int Blocks => _tags.Blocks;

    /// <summary>The file its blocks lie in, from the beginning on.</summary>
    internal SafeFileHandle File => _stream.SafeFileHandle;

    /// <summary>What is in which of its blocks; whoever owns a block writes here.</summary>
    internal TagTable Tags => _tags;

    /// <summary>Exchanges it offers.</summary>
    internal ExchangeTable Exchanges => new(
        SharedArea.Exchanges((nint)(_data + (Blocks * _layout.BlockBytes)), Blocks, _layout.BlockTokens));

    /// <summary>
    /// Maps the shared pool of that instance and epoch in a process of this machine, when its layout is <paramref name="layout"/>.
    /// Null = there is none that may be read: the process is gone, another user's, or has none such.
    /// </summary>
    public static PeerPool? TryOpen(int processId, InstanceId instance, long epoch, KvLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        try
        {
            foreach (string path in Directory.EnumerateFiles($"/proc/{processId}/fd"))
            {
                if (IsPool(path) && TryOpen(path, instance, epoch, layout) is { } pool)
                {
                    return pool;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended just now, or may not be looked into.
        }

        return null;
    }

    /// <summary>
    /// Where each block of its prefix cache is, by name. A snapshot: what it leads to may have changed when it is copied.
    /// </summary>
    public IReadOnlyDictionary<BlockHash, int> List()
    {
        Dictionary<BlockHash, int> blocks = new(Blocks);
        for (int block = 0; block < Blocks; block++)
        {
            if (_tags.TryRead(block, out BlockHash hash, out _))
            {
                blocks[hash] = block;
            }
        }

        return blocks;
    }

    /// <summary>
    /// Copies the pool's block to <paramref name="to"/>, <see cref="KvLayout.BlockBytes"/> bytes. True when it is place
    /// <paramref name="at"/> of the chain and did not change meanwhile; else what was written is worthless.
    /// </summary>
    public bool TryCopy(int block, KvChain chain, int at, nint to)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if ((uint)block >= (uint)Blocks || !_tags.TryRead(block, out BlockHash hash, out long version) || hash != chain.Hashes[at])
        {
            return false;
        }

        Buffer.MemoryCopy(_data + (block * _layout.BlockBytes), (void*)to, _layout.BlockBytes, _layout.BlockBytes);
        Interlocked.MemoryBarrier();
        BlockHash parent = at == 0 ? BlockHasher.SaltHash(chain.Salt) : chain.Hashes[at - 1];
        ReadOnlySpan<int> tokens = chain.Tokens.AsSpan().Slice(at * _layout.BlockTokens, _layout.BlockTokens);
        return _tags.Still(block, version, hash, parent, tokens);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        _stream.Dispose();
    }

    private static bool IsPool(string path) =>
        new FileInfo(path).LinkTarget?.StartsWith("/memfd:xllm-kv", StringComparison.Ordinal) == true;

    private static PeerPool? TryOpen(string path, InstanceId instance, long epoch, KvLayout layout)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        long bytes = stream.Length;

        // A file that its owner could cut short would be a fault of this process in the middle of a copy.
        if (!MemoryFiles.IsSealedAgainstShrinking(stream.SafeFileHandle) || BlocksIn(bytes, layout) is not (> 0 and int blocks))
        {
            stream.Dispose();
            return null;
        }

        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.ReadWrite);
        byte* data = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        TagTable tags = new((nint)(data + (blocks * layout.BlockBytes)), blocks, layout.BlockTokens);
        PeerPool pool = new(stream, file, view, data, tags, layout);
        if (tags.IsOf(instance, epoch, layout))
        {
            return pool;
        }

        pool.Dispose();
        return null;
    }

    // Blocks, then their tags, then nothing but what fills the last page.
    private static int BlocksIn(long bytes, KvLayout layout)
    {
        long each = layout.BlockBytes + TagTable.BytesFor(1, layout.BlockTokens) - TagTable.BytesFor(0, layout.BlockTokens);
        long blocks = (bytes - SharedArea.BytesFor(0, layout.BlockTokens)) / each;
        return blocks is < 1 or > int.MaxValue ? 0 : (int)blocks;
    }
}
