using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Makes engines that run on this machine's kernels.</summary>
internal sealed class LocalEngineFactory(TimeProvider time, BlockHashKey hashKey, ILoggerFactory loggers) : IEngineFactory
{
    public IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        ModelRunner runner = ModelLoader.Load(
            options.Model,
            new ModelOptions
            {
                Name = options.Name.Length > 0 ? options.Name : null,
                Isa = Enum.Parse<EngineIsa>(options.Isa, ignoreCase: true),
                Threads = options.Threads,
                BlockTokens = options.BlockTokens,
                KvType = Enum.Parse<KvType>(options.KvType, ignoreCase: true),
                KvMode = Enum.Parse<KvMode>(options.KvMode, ignoreCase: true),
                KvRanges = 2 * options.MaxRunning,
                KvBytes = options.KvCacheBytes > 0 ? options.KvCacheBytes : null,
                MaxTokens = options.MaxBatchTokens,
                MaxOutputs = Math.Min(options.MaxBatchTokens, Math.Max(options.MaxRunning, 64)),
                ContextLength = options.ContextLength > 0 ? options.ContextLength : null,
            },
            new ShareOfLoading(progress),
            loggers.CreateLogger(typeof(ModelLoader).FullName!),
            cancellationToken);
        try
        {
            return EngineLoop.Start(
                instance,
                epoch,
                runner,
                new EngineLoopOptions
                {
                    MaxBatchTokens = options.MaxBatchTokens,
                    MaxRunning = options.MaxRunning,
                    MaxWaiting = options.MaxWaiting,
                    PrefixCache = options.PrefixCache,
                    BlockHashSeed = hashKey.Seed,
                },
                time,
                loggers.CreateLogger<EngineLoop>());
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    // Not System.Progress: it posts to the pool, and reports could overtake each other.
    private sealed class ShareOfLoading(IProgress<double> progress) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => progress.Report(value.TotalBytes > 0 ? (double)value.Bytes / value.TotalBytes : 1);
    }
}
