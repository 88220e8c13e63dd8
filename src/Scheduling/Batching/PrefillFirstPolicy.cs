namespace XLLM.Scheduling.Batching;

/// <summary>
/// A step is all prefill while there is any, else all decode: the baseline that favours time to first token over the pace of
/// running streams (xLLM's ContinuousScheduler).
/// </summary>
public sealed class PrefillFirstPolicy : IBatchPolicy
{
    public string Name => "prefill-first";

    public void Plan(IBatchStep step)
    {
        PolicySteps.Prefills(step);
        PolicySteps.Admissions(step);
        if (step.TokensPlanned == 0)
        {
            PolicySteps.Decodes(step);
        }
    }
}
