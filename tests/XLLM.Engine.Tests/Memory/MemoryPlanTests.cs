using XLLM.Engine.Execution;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Engine.Tests.Models;

namespace XLLM.Engine.Tests.Memory;

public sealed class MemoryPlanTests
{
    private const long Gib = 1L << 30;

    // 3 layers x 2 heads x 16 dims, K and V, 16 tokens, 2 bytes.
    private const long BlockBytes = 2 * 3 * 2 * 16 * 16 * 2;

    private static readonly ModelConfig Config = ConfigFolder.Read();

    [Fact]
    public void The_pool_has_the_blocks_or_bytes_that_were_asked_for()
    {
        Assert.Equal(100, Plan(new ModelOptions { KvBlocks = 100 }).Blocks);
        Assert.Equal(10, Plan(new ModelOptions { KvBytes = 10 * BlockBytes + 5 }).Blocks);
        Assert.Equal(2 * BlockBytes, Plan(new ModelOptions { KvBlocks = 1, KvType = KvType.F32 }).PoolBytes);
        Assert.Equal(BlockBytes / 2 + 2 * 3 * 2 * 16 * 2, Plan(new ModelOptions { KvBlocks = 1, KvType = KvType.Q8_0 }).PoolBytes);
    }

    [Fact]
    public void A_default_pool_holds_sixteen_sequences_of_full_length_or_less()
    {
        Assert.Equal(16 * 512 / 16, Plan(new ModelOptions()).Blocks);
        MemoryPlan tight = MemoryPlan.Make(Config, new ModelOptions(), 0, 0, 40 * BlockBytes);
        Assert.Equal(10, tight.Blocks);
    }

    [Fact]
    public void A_pool_that_does_not_fit_is_refused_with_both_numbers()
    {
        var options = new ModelOptions { KvBytes = 10 * Gib };
        var error = Assert.Throws<ModelMemoryException>(() => MemoryPlan.Make(Config, options, Gib, 0, 4 * Gib));
        Assert.Contains("10240 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("3072 MiB of 4096 MiB are left", error.Message, StringComparison.Ordinal);
        Assert.Throws<ModelMemoryException>(() => Plan(new ModelOptions { KvBlocks = int.MaxValue }));
        Assert.Throws<ModelMemoryException>(() => Plan(new ModelOptions { KvBytes = BlockBytes - 1 }));
    }

    [Fact]
    public void A_model_larger_than_memory_is_refused_with_both_numbers()
    {
        var error = Assert.Throws<ModelMemoryException>(() => MemoryPlan.Make(Config, new ModelOptions(), 5 * Gib, 0, 4 * Gib));
        Assert.Contains("5120 MiB for weights", error.Message, StringComparison.Ordinal);
        Assert.Contains("4096 MiB are available", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_wrong_are_all_named()
    {
        var options = new ModelOptions { BlockTokens = 12, Threads = -1, KvBlocks = 0, KvBytes = 5, MaxTokens = 0, MaxOutputs = 9 };
        var error = Assert.Throws<ArgumentException>(() => ModelLoader.Load("nowhere", options));
        foreach (string part in new[] { "BlockTokens is 12", "Threads is -1", "both given", "KvBlocks is 0", "MaxTokens is 0", "MaxOutputs is 9" })
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    private static MemoryPlan Plan(ModelOptions options) => MemoryPlan.Make(Config, options, 0, 0, 16 * Gib);
}
