using XLLM.Engine.Execution;
using XLLM.Engine.Tests.Loop;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>A runner whose logits are another model's, flatter and shifted by token: near it, but not it.</summary>
internal sealed class SkewedRunner(IModelRunner inner) : ForwardingRunner(inner)
{
    public override void Run(StepInput step, Span<float> logits)
    {
        base.Run(step, logits);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (0.6f * logits[i]) + (i % Model.VocabularySize % 3);
        }
    }
}
