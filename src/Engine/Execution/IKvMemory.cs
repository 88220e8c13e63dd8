using Microsoft.Win32.SafeHandles;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Execution;

/// <summary>A runner's KV blocks as memory. Valid while the runner is not disposed; any thread.</summary>
public interface IKvMemory
{
    KvLayout Layout { get; }

    /// <summary>What is in which block, where other processes can read it; null = they cannot.</summary>
    TagTable? Tags => null;

    /// <summary>Ids after the pool's own for blocks of other pools; 0 = these cannot be attached.</summary>
    int GuestBlocks => 0;

    /// <summary>
    /// Makes blocks [0, <paramref name="count"/>) of another pool's memory file the blocks from <paramref name="first"/> on, which
    /// are ids after the pool's own and in no use.
    /// </summary>
    void Attach(SafeFileHandle file, int first, int count) => throw new NotSupportedException("No blocks can be attached here.");

    /// <summary>Takes such blocks away again. Nothing reads or writes them.</summary>
    void Detach(int first, int count) => throw new NotSupportedException("No blocks can be attached here.");

    /// <summary>Address of a block; see <see cref="IKvBlockStore.AddressOf"/>.</summary>
    nint AddressOf(int block);
}
