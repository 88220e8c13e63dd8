using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Routing;

/// <summary>One number for how busy an instance is.</summary>
public static class InstanceLoad
{
    /// <summary>
    /// Work in units of full batches, squeezed into [0, 1) by x / (1 + x): requests over the batch's places, plus waiting
    /// prompt tokens over <paramref name="prefillScale"/>. <paramref name="assigned"/> is what changed there that the
    /// report cannot know yet.
    /// </summary>
    public static double Of(InstanceStatus status, Assigned assigned, int prefillScale)
    {
        LoadReport load = status.Load;
        double places = Math.Max(1, status.Descriptor.MaxRunning);
        double requests = ((double)load.Running + load.Waiting + assigned.Requests) / places;
        double prefill = ((double)load.PendingPrefillTokens + assigned.PromptTokens) / prefillScale;
        double work = Math.Max(0, requests) + Math.Max(0, prefill);
        return work / (1 + work);
    }
}
