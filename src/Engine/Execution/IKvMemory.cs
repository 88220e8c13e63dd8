using XLLM.Engine.Transfer;

namespace XLLM.Engine.Execution;

/// <summary>A runner's KV blocks as memory. Valid while the runner is not disposed; any thread.</summary>
public interface IKvMemory
{
    KvLayout Layout { get; }

    /// <summary>What is in which block, where other processes can read it; null = they cannot.</summary>
    TagTable? Tags => null;

    /// <summary>Address of a block; see <see cref="IKvBlockStore.AddressOf"/>.</summary>
    nint AddressOf(int block);
}
