using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Execution;

/// <summary>
/// A model on a native device. One native call a step; a step takes no managed memory once block lists have grown.
/// </summary>
public sealed unsafe partial class ModelRunner : IModelRunner
{
    private readonly NativeDevice _device;
    private readonly LoadedWeights _weights;
    private readonly NativeKvPool _kv;
    private readonly NativeProgram _program;
    private readonly Lock _cancelGate = new();
    private int* _cancel;
    private readonly int* _layersDone;
    private NativeSequence[] _sequences = new NativeSequence[16];
    private readonly int[] _layersDoneCell;
    private int[] _blocks = [];
    private int[] _ranges = new int[16];

    private ModelRunner(ModelCard model, NativeDevice device, LoadedWeights weights, NativeKvPool kv, NativeProgram program)
    {
        Model = model;
        _device = device;
        _weights = weights;
        _kv = kv;
        _program = program;
        Ranges = kv.Mode == KvMode.Virtual ? kv : null;
        Device = device.ToString();
        _cancel = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _layersDoneCell = GC.AllocateArray<int>(1, pinned: true);
        _layersDone = (int*)Unsafe.AsPointer(ref _layersDoneCell[0]);
    }

    public ModelCard Model { get; }

    public string Device { get; }

    /// <summary>The instruction set in use.</summary>
    public EngineIsa Isa => _device.Isa;

    public int BlockTokens { get; private init; }

    public int Blocks { get; private init; }

    public int MaxTokens { get; private init; }

    public int MaxOutputs { get; private init; }

    /// <summary>How steps are dispatched; may change between steps.</summary>
    public StepMode Mode { get; set; }

    public StepGraphCounts GraphCounts => _program.GraphCounts;

    public IPageRanges? Ranges { get; }

    public IKvMemory? Kv { get; private init; }

    public int LayersDone
    {
        get => Volatile.Read(ref *_layersDone);
        set => Volatile.Write(ref *_layersDone, value);
    }

    /// <summary>How KV blocks are found: what was asked for, or plain where that is not to be had.</summary>
    public KvMode KvMode => _kv.Mode;

    /// <summary>
    /// Descriptor of the file in memory that the KV blocks lie in, for other processes of this machine to map; the runner closes
    /// it. -1 in a plain pool.
    /// </summary>
    public int KvMemoryFile => _kv.MemoryFile;

    /// <summary>Bytes of weights on the device.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Bytes of the KV pool on the device.</summary>
    public long KvBytes => _kv.Bytes;

    /// <summary>Tensors of the file that the model's family does not use, ordered.</summary>
    public IReadOnlyList<string> UnusedTensors => _weights.Unused;

    public void Run(StepInput step, Span<float> logits) => Run(step, logits, []);

    public void Run(StepInput step, Span<float> logits, Span<float> hidden)
    {
        ObjectDisposedException.ThrowIf(_cancel is null, this);
        CheckSize(step, logits.Length, hidden.Length);
        CollectBlocks(step);
        Volatile.Write(ref *_cancel, 0);
        bool finished;
        fixed (int* tokens = step.Tokens)
        fixed (int* positions = step.Positions)
        fixed (int* outputs = step.OutputRows)
        fixed (NativeSequence* sequences = _sequences)
        fixed (int* blocks = _blocks)
        fixed (int* ranges = _ranges)
        fixed (float* values = logits)
        fixed (int* hiddenRows = step.HiddenRows)
        fixed (float* states = hidden)
        {
            PointToBlocks(blocks, step.SequenceCount);
            var native = new NativeStep
            {
                TokenCount = step.TokenCount,
                SequenceCount = step.SequenceCount,
                OutputCount = step.OutputCount,
                Tokens = tokens,
                Positions = positions,
                Sequences = sequences,
                OutputRows = outputs,
                Logits = values,
                Cancel = _cancel,
                Mode = (int)ModeOf(step),
                Ranges = ranges,
                LayersDone = _layersDone,
                HiddenCount = step.HiddenCount,
                HiddenRows = hiddenRows,
                Hidden = states,
            };
            finished = Mode == StepMode.OpByOp ? _program.RunOpByOp(_kv, ref native) : _program.Run(_kv, ref native);
        }

        if (!finished)
        {
            throw new OperationCanceledException("The step was cancelled.");
        }
    }

    public int Threads => _device.Threads;

    public void RunOnThreads(IThreadWork work)
    {
        ObjectDisposedException.ThrowIf(_cancel is null, this);
        _device.Run(work);
    }

    public void CopyBlock(int from, int to) => _kv.CopyBlock(from, to);

    public void RequestCancel()
    {
        lock (_cancelGate)
        {
            if (_cancel is not null)
            {
                Volatile.Write(ref *_cancel, 1);
            }
        }
    }

    public void Dispose()
    {
        lock (_cancelGate)
        {
            NativeMemory.Free(_cancel);
            _cancel = null;
        }

        _program.Dispose();
        _kv.Dispose();
        _weights.Dispose();
        _device.Dispose();
    }

    internal static ModelRunner Create(
        string path,
        ModelConfig config,
        ModelProgram program,
        NativeDevice device,
        LoadedWeights weights,
        MemoryPlan memory,
        ModelOptions options,
        string fingerprint,
        ILogger logger)
    {
        var description = new ProgramDescription(program.Buffers, program.Ops, program.Ropes, program.Logits, program.Hidden)
        {
            MaxTokens = options.MaxTokens,
            MaxOutputs = options.MaxOutputs,
            FloatActivations = options.FloatActivations,
        };
        NativeProgram native = NativeProgram.Create(device, description, weights.Weights);
        try
        {
            NativeKvPool kv = NativeKvPool.Create(device, new NativeKvDesc
            {
                Type = (int)options.KvType,
                Layers = config.Layers,
                KvHeads = config.KvHeads,
                HeadDim = config.HeadDim,
                BlockTokens = options.BlockTokens,
                Blocks = memory.Blocks,
                Mode = (int)options.KvMode,
                Ranges = options.KvRanges,
                RangeBlocks = RangeBlocks(config, memory, options),
                Flags = options.KvShared && options.KvMode == KvMode.Plain ? NativeKvPool.Shared : 0,
                GuestBlocks = Guests(memory, options),
                ExtraBytes = options.KvShared && options.KvMode == KvMode.Plain
                    ? SharedArea.BytesFor(memory.Blocks, options.BlockTokens)
                    : 0,
            });
            if (kv.Mode != options.KvMode)
            {
                LogPlain(logger, path, kv.Reason);
            }

            return new ModelRunner(Card(path, config, program, weights, memory, options), device, weights, kv, native)
            {
                BlockTokens = options.BlockTokens,
                Blocks = memory.Blocks,
                MaxTokens = options.MaxTokens,
                MaxOutputs = options.MaxOutputs,
                Mode = options.Mode,
                Kv = new NativeKvMemory(
                    kv, memory.Blocks, Guests(memory, options), new KvLayout(fingerprint, options.BlockTokens, kv.BlockBytes, config.Layers, kv.LayerBytes)),
            };
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    // The context is what the model, the options and the pool all allow.
    private static ModelCard Card(
        string path, ModelConfig config, ModelProgram program, LoadedWeights weights, MemoryPlan memory, ModelOptions options)
    {
        return new ModelCard
        {
            Name = options.Name ?? NameOf(path),
            Family = config.Architecture,
            Path = path,
            ContextLength = Context(config, memory, options),
            VocabularySize = config.VocabularySize,
            EndTokens = config.EndTokens,
            WeightType = weights.MainType,
            Parameters = weights.Parameters,
            EmbeddingSize = program.Hidden?.Width ?? 0,
            Pooling = program.Hidden is null ? PoolingKind.None : config.Pooling,
        };
    }

    private static int Context(ModelConfig config, MemoryPlan memory, ModelOptions options) => (int)Math.Min(
        (long)memory.Blocks * options.BlockTokens, Math.Min(config.ContextLength, options.ContextLength ?? int.MaxValue));

    private static int Guests(MemoryPlan memory, ModelOptions options) =>
        options.KvMode != KvMode.Plain ? 0
        : options.GuestBlocks > 0 ? options.GuestBlocks
        : (int)Math.Min((long)options.GuestPools * memory.Blocks, 1 << 24);

    private static int RangeBlocks(ModelConfig config, MemoryPlan memory, ModelOptions options) =>
        (Context(config, memory, options) + options.BlockTokens - 1) / options.BlockTokens;

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name;
    }

    private StepMode ModeOf(StepInput step) => Mode switch
    {
        StepMode.Full when step.SequenceCount != step.TokenCount => StepMode.Piecewise,
        StepMode.OpByOp => StepMode.Eager,
        _ => Mode,
    };

    [LoggerMessage(LogLevel.Warning, "{Path}: KV blocks are found by block lists, not by address: {Reason}.")]
    private static partial void LogPlain(ILogger logger, string path, string reason);

    private void CheckSize(StepInput step, int logits, int hidden)
    {
        if (step.TokenCount > MaxTokens || step.OutputCount > MaxOutputs)
        {
            throw new ArgumentException(
                $"The step has {step.TokenCount} tokens and {step.OutputCount} outputs; at most {MaxTokens} and "
                + $"{MaxOutputs} fit.");
        }

        if (logits != (long)step.OutputCount * Model.VocabularySize)
        {
            throw new ArgumentException(
                $"Room for {logits} logits was given; {step.OutputCount} x {Model.VocabularySize} are needed.");
        }

        if (hidden != (long)step.HiddenCount * Model.EmbeddingSize)
        {
            throw new ArgumentException(
                $"Room for {hidden} values of hidden states was given; {step.HiddenCount} x {Model.EmbeddingSize} are needed.");
        }
    }

    private void CollectBlocks(StepInput step)
    {
        if (_sequences.Length < step.SequenceCount)
        {
            _sequences = new NativeSequence[(int)BitOperations.RoundUpToPowerOf2((uint)step.SequenceCount)];
            _ranges = new int[_sequences.Length];
        }

        int used = 0;
        for (int i = 0; i < step.SequenceCount; i++)
        {
            StepSequence sequence = step.Sequences[i];
            int needed = checked((sequence.Context + sequence.Rows + BlockTokens - 1) / BlockTokens);
            if (sequence.Blocks.Length < needed)
            {
                throw new ArgumentException(
                    $"Sequence {i} has {sequence.Blocks.Length} blocks; {needed} are needed for "
                    + $"{sequence.Context} + {sequence.Rows} tokens.");
            }

            if (_blocks.Length - used < needed)
            {
                // Lists that share nothing hold no more than the pool.
                int room = (int)BitOperations.RoundUpToPowerOf2((uint)checked(used + needed));
                Array.Resize(ref _blocks, Math.Max(Blocks, room));
            }

            sequence.Blocks.Span[..needed].CopyTo(_blocks.AsSpan(used));
            used += needed;
            _ranges[i] = sequence.Range;
            _sequences[i] = new NativeSequence
            {
                FirstRow = sequence.FirstRow,
                Rows = sequence.Rows,
                Context = sequence.Context,
                BlockCount = needed,
            };
        }
    }

    private void PointToBlocks(int* blocks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _sequences[i].Blocks = blocks;
            blocks += _sequences[i].BlockCount;
        }
    }
}
