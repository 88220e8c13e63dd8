using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Engine.Speculation;
using XLLM.Engine.Structures;
using XLLM.Grammar;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Makes engines that run on this machine's kernels.</summary>
internal sealed class LocalEngineFactory(
    TimeProvider time, BlockHashKey hashKey, KvExchange exchange, GrammarCache grammars, ILoggerFactory loggers,
    XllmClusterOptions? cluster = null)
    : IEngineFactory
{
    private static readonly TimeSpan ClusterProfileTime = TimeSpan.FromSeconds(1);


    public IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        EngineSpeculationOptions speculation = options.Speculation;
        if (speculation.DraftModel.Length > 0)
        {
            VocabularyMatch.Check(options.Model, speculation.DraftModel);
        }

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
                KvShared = exchange.SharesMemory(options),
                GuestPools = exchange.SharesMemory(options) ? 4 : 0,
                KvBytes = options.KvCacheBytes > 0 ? options.KvCacheBytes : null,
                MaxTokens = options.MaxBatchTokens,
                MaxOutputs = Math.Min(
                    options.MaxBatchTokens,
                    Math.Max(options.MaxRunning + (speculation.Method == SpeculationMethod.Off ? 0 : speculation.MaxRows), 64)),
                ContextLength = options.ContextLength > 0 ? options.ContextLength : null,
            },
            new ShareOfLoading(progress),
            loggers.CreateLogger(typeof(ModelLoader).FullName!),
            cancellationToken);
        ModelRunner? draft = null;
        EngineLoop engine;
        try
        {
            draft = LoadDraft(options, cancellationToken);
            engine = EngineLoop.Start(
                instance,
                epoch,
                runner,
                new EngineLoopOptions
                {
                    MaxBatchTokens = options.MaxBatchTokens,
                    MaxRunning = options.MaxRunning,
                    MaxWaiting = options.MaxWaiting,
                    PrefixCache = options.PrefixCache,
                    AsyncScheduling = options.AsyncScheduling,
                    ProfileTime = options.ProfileTime
                        ?? (cluster is null or { Clustering: ClusteringKind.None } ? TimeSpan.Zero : ClusterProfileTime),
                    BlockHashSeed = hashKey.Seed,
                    Role = Enum.Parse<InstanceRole>(options.Role, ignoreCase: true),
                    Speculation = speculation.ToEngine(),
                },
                time,
                loggers.CreateLogger<EngineLoop>(),
                draft,
                new OutputStructures(grammars, () => Vocabularies.Load(options.Model, runner.Model.EndTokens)));
        }
        catch
        {
            draft?.Dispose();
            runner.Dispose();
            throw;
        }

        try
        {
            return exchange.Join(engine, options);
        }
        catch
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private ModelRunner? LoadDraft(EngineOptions options, CancellationToken cancellationToken)
    {
        EngineSpeculationOptions speculation = options.Speculation;
        return speculation.DraftModel.Length == 0 ? null : ModelLoader.Load(
            speculation.DraftModel,
            new ModelOptions
            {
                Isa = Enum.Parse<EngineIsa>(options.Isa, ignoreCase: true),
                Threads = speculation.DraftThreads == 0 ? options.Threads : speculation.DraftThreads,
                BlockTokens = options.BlockTokens,
                KvBytes = speculation.DraftKvBytes,
                MaxTokens = Math.Max(512, options.MaxRunning),
                MaxOutputs = Math.Max(1, options.MaxRunning),
            },
            logger: loggers.CreateLogger(typeof(ModelLoader).FullName!),
            cancellation: cancellationToken);
    }

    // Not System.Progress: it posts to the pool, and reports could overtake each other.
    private sealed class ShareOfLoading(IProgress<double> progress) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => progress.Report(value.TotalBytes > 0 ? (double)value.Bytes / value.TotalBytes : 1);
    }
}
