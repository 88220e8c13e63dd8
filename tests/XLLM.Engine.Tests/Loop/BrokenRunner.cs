using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A runner whose logits turn to NaN in steps that contain a given token.</summary>
internal sealed class BrokenRunner(IModelRunner inner, int poison) : IModelRunner
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
        inner.Run(step, logits);
        foreach (StepSequence sequence in step.Sequences)
        {
            int output = step.OutputRows.IndexOf(sequence.FirstRow + sequence.Rows - 1);
            if (output >= 0 && step.Tokens.Slice(sequence.FirstRow, sequence.Rows).Contains(poison))
            {
                logits[(output * Model.VocabularySize) + 17] = float.NaN;
            }
        }
    }

    public void RequestCancel() => inner.RequestCancel();

    public void Dispose() => inner.Dispose();
}
