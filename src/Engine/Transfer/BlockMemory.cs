using System.Buffers;

namespace XLLM.Engine.Transfer;

/// <summary>Part of a block's memory for sockets. It owns nothing: whoever uses it holds the block meanwhile.</summary>
internal sealed unsafe class BlockMemory(nint address, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)address, length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        return new MemoryHandle((byte*)address + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
