using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Is told what is in which block, for readers that look at the pool's memory from outside. A block's content is that of its tag
/// from <see cref="Set"/> to <see cref="Clear"/>. The pool's thread.
/// </summary>
public interface IBlockTags
{
    /// <summary>The block has its content. <paramref name="parent"/> names the block before it; for the first, the salt.</summary>
    void Set(int block, BlockHash hash, BlockHash parent, ReadOnlySpan<int> tokens);

    /// <summary>The block's content may change from now on.</summary>
    void Clear(int block);
}
