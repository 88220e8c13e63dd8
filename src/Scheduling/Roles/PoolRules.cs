namespace XLLM.Scheduling.Roles;

/// <summary>Names of the rules that move instances, as metrics and logs show them.</summary>
public static class PoolRules
{
    /// <summary>The instance is new; it goes where its fixed role or the start share says.</summary>
    public const string Joined = "joined";

    /// <summary>The instance is gone.</summary>
    public const string Left = "left";

    /// <summary>Its last prompt is computed (P->D) or its last decode has ended (D->P).</summary>
    public const string Settled = "settled";

    /// <summary>No instance is predicted to reach the first token in time.</summary>
    public const string TtftUnreachable = "ttft-unreachable";

    /// <summary>No decode instance has room for another request.</summary>
    public const string DecodeShort = "decode-short";

    /// <summary>The monitored mean interval between tokens is above its objective.</summary>
    public const string TokenInterval = "token-interval";

    /// <summary>A prefill instance has had nothing to do for a while, and decode instances have.</summary>
    public const string PrefillIdle = "prefill-idle";

    /// <summary>Too few instances are left in a pool.</summary>
    public const string KeepLeast = "keep-least";
}
