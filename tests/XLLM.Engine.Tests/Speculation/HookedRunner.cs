using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>A runner with a call before every step.</summary>
internal sealed class HookedRunner(IModelRunner inner, Action<StepInput> beforeStep) : IModelRunner
{
    public ModelCard Model => inner.Model;

    public string Device => inner.Device;

    public int BlockTokens => inner.BlockTokens;

    public int Blocks => inner.Blocks;

    public int MaxTokens => inner.MaxTokens;

    public int MaxOutputs => inner.MaxOutputs;

    public void Run(StepInput step, Span<float> logits)
    {
        beforeStep(step);
        inner.Run(step, logits);
    }

    public void RequestCancel() => inner.RequestCancel();

    public void CopyBlock(int from, int to) => inner.CopyBlock(from, to);

    public void Dispose() => inner.Dispose();
}
