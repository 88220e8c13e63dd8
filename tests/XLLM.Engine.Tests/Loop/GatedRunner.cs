using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A runner whose steps wait at a gate.</summary>
internal sealed class GatedRunner(IModelRunner inner, StepGate gate) : IModelRunner
{
    public ModelCard Model => inner.Model;

    public string Device => inner.Device;

    public int BlockTokens => inner.BlockTokens;

    public int Blocks => inner.Blocks;

    public int MaxTokens => inner.MaxTokens;

    public int MaxOutputs => inner.MaxOutputs;

    public IPageRanges? Ranges => inner.Ranges;

    public void CopyBlock(int from, int to) => inner.CopyBlock(from, to);

    public void Run(StepInput step, Span<float> logits)
    {
        gate.BeforeStep(step);
        inner.Run(step, logits);
    }

    public void RequestCancel() => inner.RequestCancel();

    public void Dispose() => inner.Dispose();
}
