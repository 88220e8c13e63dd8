namespace XLLM.Scheduling.Roles;

/// <summary>
/// The four elastic pools (xLLM's report, 3.2). Advice to the router: every instance can do everything at any time, so moving
/// one costs nothing and waits for nothing.
/// </summary>
public enum InstancePool
{
    /// <summary>Takes prompts.</summary>
    Prefill = 0,

    /// <summary>Takes decodes.</summary>
    Decode = 1,

    /// <summary>Was Prefill and has prompts left to compute; takes decodes already.</summary>
    PrefillToDecode = 2,

    /// <summary>Was Decode and has decodes left to finish; takes prompts already.</summary>
    DecodeToPrefill = 3,
}
