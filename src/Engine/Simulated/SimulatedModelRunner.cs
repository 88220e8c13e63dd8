using System.Runtime.CompilerServices;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Simulated;

/// <summary>
/// A model without weights for tests and dry runs: same port, same KV discipline, deterministic logits. The KV of a token is a
/// hash over everything before it, kept per block; logits are drawn from a hash over all KV the block table leads to. So a
/// wrong table, a stale or unwritten block, or a wrong position gives other tokens, as in a real model. A sequence with a range
/// of addresses is computed through what is mapped there. Further layers have KV made from the first one's. Optional hooks run
/// before every step and after every layer, on the thread of the step: they may throw (a failing device) or wait (a slow one).
/// </summary>
public sealed class SimulatedModelRunner : IModelRunner, IKvMemory
{
    private readonly SimulatedModelOptions _options;
    private readonly Action<StepInput>? _beforeStep;
    private readonly Action<int>? _afterLayer;
    private readonly ulong[] _kv;
    private readonly SimulatedPageRanges? _ranges;
    private volatile bool _cancelled;
    private volatile int _layersDone;

    public SimulatedModelRunner(
        SimulatedModelOptions options, Action<StepInput>? beforeStep = null, Action<int>? afterLayer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _beforeStep = beforeStep;
        _afterLayer = afterLayer;
        _ranges = options.Ranges > 0 ? new SimulatedPageRanges(options) : null;
        _kv = GC.AllocateArray<ulong>(checked(options.Blocks * options.Layers * options.BlockTokens), pinned: true);
        long layerBytes = sizeof(ulong) * options.BlockTokens;
        Layout = new KvLayout(
            $"simulated {options.BlockTokens} {options.Layers}", options.BlockTokens, options.Layers * layerBytes, options.Layers,
            layerBytes);
        Model = new ModelCard
        {
            Name = options.Name,
            Family = "simulated",
            Path = "",
            ContextLength = options.ContextLength,
            VocabularySize = options.VocabularySize,
            EndTokens = [options.EndToken],
            EmbeddingSize = options.EmbeddingSize,
            Pooling = options.EmbeddingSize == 0 ? PoolingKind.None : options.Pooling,
        };
    }

    public ModelCard Model { get; }

    public string Device => "simulated";

    public int BlockTokens => _options.BlockTokens;

    public int Blocks => _options.Blocks;

    public int MaxTokens => _options.MaxTokens;

    public int MaxOutputs => _options.MaxOutputs;

    public IPageRanges? Ranges => _ranges;

    public IKvMemory? Kv => this;

    /// <summary>One word a token and layer. All simulated models compute the same KV.</summary>
    public KvLayout Layout { get; }

    public int LayersDone
    {
        get => _layersDone;
        set => _layersDone = value;
    }

    public bool IsDisposed { get; private set; }

    /// <summary>Steps run to their end.</summary>
    public long Steps { get; private set; }

    public void Run(StepInput step, Span<float> logits) => Run(step, logits, []);

    public void Run(StepInput step, Span<float> logits, Span<float> hidden)
    {
        ArgumentNullException.ThrowIfNull(step);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, step.OutputCount * _options.VocabularySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(hidden.Length, step.HiddenCount * _options.EmbeddingSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step.TokenCount, MaxTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step.OutputCount, MaxOutputs);
        _beforeStep?.Invoke(step);
        if (_cancelled)
        {
            throw new OperationCanceledException("The step was cancelled.");
        }

        for (int layer = 0; layer < _options.Layers; layer++)
        {
            foreach (StepSequence sequence in step.Sequences)
            {
                ReadOnlySpan<int> blocks = BlocksOf(sequence);
                for (int row = sequence.FirstRow; row < sequence.FirstRow + sequence.Rows; row++)
                {
                    int position = step.Positions[row];
                    Slot(blocks, layer, position) = layer > 0
                        ? Mix(Slot(blocks, layer - 1, position) ^ (ulong)layer)
                        : Mix((position == 0 ? 0x5EED : Slot(blocks, 0, position - 1)) + (ulong)step.Tokens[row]);
                }
            }

            _layersDone = layer + 1;
            _afterLayer?.Invoke(layer);
        }

        FillRows(step, step.OutputRows, logits, 0);
        FillRows(step, step.HiddenRows, hidden, 0x41DDE2);
        Steps++;
    }

    public void CopyBlock(int from, int to) => BlockOf(from).CopyTo(BlockOf(to));

    public unsafe nint AddressOf(int block) => (nint)Unsafe.AsPointer(ref BlockOf(block)[0]);

    public void RequestCancel() => _cancelled = true;

    public void Dispose() => IsDisposed = true;

    private Span<ulong> BlockOf(int block)
    {
        int words = _options.Layers * BlockTokens;
        return _kv.AsSpan(block * words, words);
    }

    private ReadOnlySpan<int> BlocksOf(StepSequence sequence)
    {
        ReadOnlySpan<int> blocks = sequence.Blocks.Span;
        int needed = (sequence.Context + sequence.Rows + BlockTokens - 1) / BlockTokens;
        return sequence.Range >= 0 && _ranges is not null ? _ranges.Ensure(sequence.Range, blocks[..needed]) : blocks;
    }

    // Each wanted row gets its share of the values, drawn from its state and a salt.
    private void FillRows(StepInput step, ReadOnlySpan<int> rows, Span<float> values, ulong salt)
    {
        int next = 0;
        int width = rows.IsEmpty ? 0 : values.Length / rows.Length;
        foreach (StepSequence sequence in step.Sequences)
        {
            for (; next < rows.Length && rows[next] < sequence.FirstRow + sequence.Rows; next++)
            {
                ulong state = State(BlocksOf(sequence), step.Positions[rows[next]]);
                Fill(values.Slice(next * width, width), salt == 0 ? state : Mix(state ^ salt));
            }
        }
    }

    private ref ulong Slot(ReadOnlySpan<int> blocks, int layer, int position) =>
        ref BlockOf(blocks[position / BlockTokens])[(layer * BlockTokens) + (position % BlockTokens)];

    private ulong State(ReadOnlySpan<int> blocks, int position)
    {
        ulong state = 0;
        for (int i = 0; i <= position; i++)
        {
            for (int layer = 0; layer < _options.Layers; layer++)
            {
                state = Mix(state ^ Slot(blocks, layer, i));
            }
        }

        return state;
    }

    // Uniform in [-8, 8): temperature, top-p and the rest all have something to do.
    private static void Fill(Span<float> logits, ulong state)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = ((Mix(state + (ulong)i) >> 40) * (16f / (1 << 24))) - 8f;
        }
    }

    // The finaliser of SplitMix64 (Steele et al., OOPSLA 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
