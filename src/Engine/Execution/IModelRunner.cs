using XLLM.Contracts.Fleet;

namespace XLLM.Engine.Execution;

/// <summary>
/// A loaded model with its KV pool on one device. Used by one thread at a time, apart from <see cref="RequestCancel"/>.
/// The same tokens, blocks and context give the same logits, bit for bit, whatever else is in the step.
/// </summary>
public interface IModelRunner : IDisposable
{
    ModelCard Model { get; }

    /// <summary>e.g. <c>cpu avx512 2 threads</c>.</summary>
    string Device { get; }

    int BlockTokens { get; }

    /// <summary>KV blocks in the pool; ids are [0, Blocks).</summary>
    int Blocks { get; }

    /// <summary>Largest step in tokens.</summary>
    int MaxTokens { get; }

    /// <summary>Most rows of a step whose logits can be asked for.</summary>
    int MaxOutputs { get; }

    /// <summary>Graphs recorded and steps by mode; zeros where a runner has none. Engine's thread.</summary>
    StepGraphCounts GraphCounts => default;

    /// <summary>Ranges of addresses that KV blocks can be mapped into; null = blocks are found by their ids alone.</summary>
    IPageRanges? Ranges => null;

    /// <summary>The KV blocks as memory, for whoever moves them; null = they cannot be reached.</summary>
    IKvMemory? Kv => null;

    /// <summary>
    /// Layers of the running step whose KV is written; any thread may read these then. Set to 0 by the caller before a step; the
    /// last layers may count only when the step has returned.
    /// </summary>
    int LayersDone
    {
        get => 0;
        set
        {
        }
    }

    /// <summary>Copies a KV block in all layers. Not while a step runs.</summary>
    void CopyBlock(int from, int to);

    /// <summary>
    /// Runs the step and waits for it. <paramref name="logits"/> receives [step.OutputCount, VocabularySize] float32. Throws
    /// <see cref="OperationCanceledException"/> after <see cref="RequestCancel"/>.
    /// </summary>
    void Run(StepInput step, Span<float> logits);

    /// <summary>
    /// The same, with <paramref name="hidden"/> [step.HiddenCount, EmbeddingSize of the model] float32 receiving hidden states after
    /// the last norm: what the logits of those rows are computed from.
    /// </summary>
    void Run(StepInput step, Span<float> logits, Span<float> hidden)
    {
        if (step.HiddenCount > 0)
        {
            throw new NotSupportedException("This runner gives no hidden states.");
        }

        Run(step, logits);
    }

    /// <summary>Threads of the device, >= 1.</summary>
    int Threads => 1;

    /// <summary>
    /// Calls the work on every thread of the device, [0, Threads), and waits: for what lies between two steps. Throws what it
    /// threw.
    /// </summary>
    void RunOnThreads(IThreadWork work) => work.Run(0);

    /// <summary>Makes the running step end at its next layer. From any thread.</summary>
    void RequestCancel();
}
