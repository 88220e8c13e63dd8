using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>A runner whose logits are another model's, flatter and shifted by token: near it, but not it.</summary>
internal sealed class SkewedRunner(IModelRunner inner) : IModelRunner
{
    public ModelCard Model => inner.Model;

    public string Device => inner.Device;

    public int BlockTokens => inner.BlockTokens;

    public int Blocks => inner.Blocks;

    public int MaxTokens => inner.MaxTokens;

    public int MaxOutputs => inner.MaxOutputs;

    public void Run(StepInput step, Span<float> logits)
    {
        inner.Run(step, logits);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (0.6f * logits[i]) + (i % Model.VocabularySize % 3);
        }
    }

    public void RequestCancel() => inner.RequestCancel();

    public void CopyBlock(int from, int to) => inner.CopyBlock(from, to);

    public void Dispose() => inner.Dispose();
}
