using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;
using XLLM.Formats;
using XLLM.Formats.Gguf;
using XLLM.Formats.Safetensors;

namespace XLLM.Engine.Execution;

/// <summary>Loads a GGUF file or a Hugging Face folder into a runner.</summary>
public static class ModelLoader
{
    /// <summary>
    /// Reads, checks and repacks a model. The files are mapped while it loads and closed afterwards.
    /// </summary>
    /// <param name="path">GGUF file or Hugging Face folder.</param>
    /// <exception cref="ArgumentException">The options are wrong; all problems are named.</exception>
    /// <exception cref="ModelFormatException">The model is damaged, incomplete or of an unknown kind.</exception>
    /// <exception cref="ModelMemoryException">It does not fit.</exception>
    /// <exception cref="NativeException">The kernels refuse it, or the instruction set is not there.</exception>
    public static ModelRunner Load(
        string path,
        ModelOptions? options = null,
        IProgress<LoadProgress>? progress = null,
        ILogger? logger = null,
        CancellationToken cancellation = default)
    {
        options ??= new ModelOptions();
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException($"The model options are wrong: {string.Join("; ", problems)}.", nameof(options));
        }

        ModelLocation location = ModelFiles.Locate(path);
        (ModelConfig config, IWeightSource source) = Open(location);
        using (source)
        {
            ModelProgram program = ModelFamilies.Require(location.Path, config.Architecture).Record(config);
            WeightPlan plan = WeightPlan.Make(program.Weights, source);
            logger ??= NullLogger.Instance;
            LogUnused(logger, location.Path, plan.Unused);
            return Load(location.Path, config, program, plan, options, progress, logger, cancellation);
        }
    }

    internal static (ModelConfig Config, IWeightSource Source) Open(ModelLocation location)
    {
        if (location.Kind == ModelKind.HuggingFace)
        {
            ModelConfig config = HuggingFaceConfig.Read(location.Path);
            return (config, new SafetensorsWeights(SafetensorsFolder.Open(location.Path)));
        }

        GgufFile file = GgufFile.Open(location.Path);
        try
        {
            return (GgufConfig.Read(file), new GgufWeights(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ModelRunner Load(
        string path,
        ModelConfig config,
        ModelProgram program,
        WeightPlan plan,
        ModelOptions options,
        IProgress<LoadProgress>? progress,
        ILogger logger,
        CancellationToken cancellation)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        MemoryPlan memory = MemoryPlan.Make(config, options, plan.Bytes, BufferBytes(program, options), available);
        NativeDevice device = NativeDevice.CreateCpu(options.Isa, options.Threads);
        LoadedWeights? weights = null;
        try
        {
            weights = WeightLoader.Load(device, plan, progress, cancellation);
            string fingerprint = KvFingerprint.Of(config, program, plan, options);
            return ModelRunner.Create(path, config, program, device, weights, memory, options, fingerprint, logger);
        }
        catch
        {
            weights?.Dispose();
            device.Dispose();
            throw;
        }
    }

    private static long BufferBytes(ModelProgram program, ModelOptions options) =>
        program.Buffers.Sum(b => 4L * b.Width * (b.Rows == 0 ? options.MaxTokens : options.MaxOutputs));

    private static void LogUnused(ILogger logger, string path, IReadOnlyList<string> unused)
    {
        if (unused.Count > 0)
        {
            logger.LogInformation("{Path}: {Count} tensors are not used: {Tensors}", path, unused.Count, unused.Take(20));
        }
    }
}
