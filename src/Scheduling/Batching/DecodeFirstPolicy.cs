namespace XLLM.Scheduling.Batching;

/// <summary>
/// Every running decode gets its token; what is left of the budget goes to prompts in chunks, first those under way, then new
/// ones in order of arrival, online before offline (chunked prefill as in Sarathi-Serve, arXiv 2403.02310). A long prompt thus
/// slows decodes by at most one full step.
/// </summary>
public sealed class DecodeFirstPolicy : IBatchPolicy
{
    public string Name => "decode-first";

    public void Plan(IBatchStep step)
    {
        PolicySteps.Decodes(step);
        PolicySteps.Prefills(step);
        PolicySteps.Admissions(step);
    }
}
