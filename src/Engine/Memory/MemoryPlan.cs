using System.Globalization;
using XLLM.Engine.Execution;
using XLLM.Engine.Models;

namespace XLLM.Engine.Memory;

/// <summary>How many KV blocks a model gets, checked against what memory there is before anything is allocated.</summary>
internal sealed record MemoryPlan
{
    private const long DefaultPoolBytes = 1L << 30;
    private const int MaxBlocks = 1 << 24;

    public required int Blocks { get; init; }

    public required long BlockBytes { get; init; }

    public long PoolBytes => Blocks * BlockBytes;

    /// <param name="weightBytes">Bytes the weights will take.</param>
    /// <param name="bufferBytes">Bytes of the program's buffers.</param>
    /// <param name="available">Bytes this process may use.</param>
    /// <exception cref="ModelMemoryException">It does not fit.</exception>
    public static MemoryPlan Make(ModelConfig config, ModelOptions options, long weightBytes, long bufferBytes, long available)
    {
        long blockBytes = checked(2L * config.Layers * config.KvHeads * options.BlockTokens * RowBytes(config, options.KvType));
        if (options.KvMode == KvMode.Virtual || options.KvShared)
        {
            long page = Environment.SystemPageSize;
            blockBytes = checked((blockBytes + page - 1) / page * page);
        }

        long left = available - weightBytes - bufferBytes;
        if (left < blockBytes)
        {
            throw new ModelMemoryException(
                $"The model needs {Mib(weightBytes)} for weights and {Mib(bufferBytes)} for buffers, "
                + $"but {Mib(available)} are available.");
        }

        long wanted = options.KvBlocks ?? options.KvBytes / blockBytes ?? DefaultBlocks(config, options, blockBytes, left);
        if (wanted < 1)
        {
            throw new ModelMemoryException(
                $"A KV pool of {Mib(options.KvBytes ?? 0)} holds no block: one block needs {Mib(blockBytes)}.");
        }

        if (wanted > MaxBlocks || wanted > left / blockBytes)
        {
            throw new ModelMemoryException(
                $"A KV pool of {wanted} blocks needs {Mib((double)wanted * blockBytes)}, "
                + $"but {Mib(left)} of {Mib(available)} are left beside the model; at most {Math.Min(MaxBlocks, left / blockBytes)} blocks fit.");
        }

        return new MemoryPlan { Blocks = (int)wanted, BlockBytes = blockBytes };
    }

    // A gibibyte, but no more than a quarter of what is left, nor than sixteen sequences of full length could use.
    private static long DefaultBlocks(ModelConfig config, ModelOptions options, long blockBytes, long left)
    {
        long full = 16L * ((config.ContextLength + options.BlockTokens - 1L) / options.BlockTokens);
        return Math.Clamp(Math.Min(DefaultPoolBytes, left / 4) / blockBytes, 1, Math.Min(full, MaxBlocks));
    }

    /// <summary>Bytes of K, or of V, of one token and KV head.</summary>
    public static long RowBytes(ModelConfig config, KvType type) => type switch
    {
        KvType.Q8_0 => config.HeadDim + 2L * ((config.HeadDim + 31) / 32),
        KvType.F16 => 2L * config.HeadDim,
        _ => 4L * config.HeadDim,
    };

    private static string Mib(double bytes) => (bytes / (1 << 20)).ToString("0.#", CultureInfo.InvariantCulture) + " MiB";
}
