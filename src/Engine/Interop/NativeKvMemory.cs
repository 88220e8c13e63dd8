using XLLM.Engine.Execution;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Interop;

/// <summary>The memory of a native pool's blocks.</summary>
internal sealed class NativeKvMemory(NativeKvPool pool, KvLayout layout) : IKvMemory
{
    public KvLayout Layout => layout;

    public nint AddressOf(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        return checked(pool.Data + (nint)(block * layout.BlockBytes));
    }
}
