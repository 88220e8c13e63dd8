using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A runner with a call before every step.</summary>
internal sealed class HookedRunner(IModelRunner inner, Action<StepInput> beforeStep) : ForwardingRunner(inner)
{
    public override void Run(StepInput step, Span<float> logits)
    {
        beforeStep(step);
        base.Run(step, logits);
    }
}
