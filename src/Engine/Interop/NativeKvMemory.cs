using XLLM.Engine.Execution;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Interop;

/// <summary>The memory of a native pool's blocks.</summary>
internal sealed class NativeKvMemory(NativeKvPool pool, int blocks, KvLayout layout) : IKvMemory
{
    public KvLayout Layout => layout;

    public TagTable? Tags { get; } = pool.Extra == 0 ? null : new TagTable(pool.Extra, blocks, layout.BlockTokens);

    public nint AddressOf(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        return checked(pool.Data + (nint)(block * layout.BlockBytes));
    }
}
