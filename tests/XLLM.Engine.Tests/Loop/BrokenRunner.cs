using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A runner whose logits turn to NaN in steps that contain a given token.</summary>
internal sealed class BrokenRunner(IModelRunner inner, int poison) : ForwardingRunner(inner)
{
    public override void Run(StepInput step, Span<float> logits)
    {
        base.Run(step, logits);
        foreach (StepSequence sequence in step.Sequences)
        {
            int output = step.OutputRows.IndexOf(sequence.FirstRow + sequence.Rows - 1);
            if (output >= 0 && step.Tokens.Slice(sequence.FirstRow, sequence.Rows).Contains(poison))
            {
                logits[(output * Model.VocabularySize) + 17] = float.NaN;
            }
        }
    }
}
