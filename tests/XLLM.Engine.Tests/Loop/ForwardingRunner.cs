using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A runner that is another one, which it owns, apart from how it runs a step.</summary>
internal abstract class ForwardingRunner(IModelRunner inner) : IModelRunner
{
    public ModelCard Model => inner.Model;

    public string Device => inner.Device;

    public int BlockTokens => inner.BlockTokens;

    public int Blocks => inner.Blocks;

    public int MaxTokens => inner.MaxTokens;

    public int MaxOutputs => inner.MaxOutputs;

    public StepGraphCounts GraphCounts => inner.GraphCounts;

    public IPageRanges? Ranges => inner.Ranges;

    public IKvMemory? Kv => inner.Kv;

    public int LayersDone
    {
        get => inner.LayersDone;
        set => inner.LayersDone = value;
    }

    public int Threads => inner.Threads;

    public void CopyBlock(int from, int to) => inner.CopyBlock(from, to);

    public virtual void Run(StepInput step, Span<float> logits) => inner.Run(step, logits);

    public virtual void Run(StepInput step, Span<float> logits, Span<float> hidden) => inner.Run(step, logits, hidden);

    public void RunOnThreads(IThreadWork work) => inner.RunOnThreads(work);

    public void RequestCancel() => inner.RequestCancel();

    public void Dispose() => inner.Dispose();
}
