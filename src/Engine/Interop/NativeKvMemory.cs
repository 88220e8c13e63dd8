using Microsoft.Win32.SafeHandles;
using XLLM.Engine.Execution;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Interop;

/// <summary>The memory of a native pool's blocks.</summary>
internal sealed class NativeKvMemory(NativeKvPool pool, int blocks, int guests, KvLayout layout) : IKvMemory
{
    public KvLayout Layout => layout;

    public TagTable? Tags { get; } = pool.Extra == 0 ? null : new TagTable(pool.Extra, blocks, layout.BlockTokens);

    public int GuestBlocks => pool.Extra == 0 ? 0 : guests;

    public void Attach(SafeFileHandle file, int first, int count) =>
        pool.Attach(checked((int)file.DangerousGetHandle()), first, count);

    public void Detach(int first, int count) => pool.Attach(-1, first, count);

    public nint AddressOf(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        return checked(pool.Data + (nint)(block * layout.BlockBytes));
    }
}
