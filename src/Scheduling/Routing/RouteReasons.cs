namespace XLLM.Scheduling.Routing;

/// <summary>Words in which the slo-aware policy says why; the start of <c>RoutePlan.Reason</c>.</summary>
public static class RouteReasons
{
    /// <summary>One instance keeps both objectives by itself, with the most to spare.</summary>
    public const string Colocated = "colocated";

    /// <summary>The first token is in time but no instance keeps its pace, together or apart; it joins the slowest, so that others keep theirs.</summary>
    public const string Crowded = "crowded";

    /// <summary>The prefill instance with the shortest delay reaches the first token in time.</summary>
    public const string Prefill = "prefill";

    /// <summary>None of those does; one that still finishes decodes does.</summary>
    public const string DecodeToPrefill = "decode-to-prefill";

    /// <summary>None of those does either; a decode instance changed roles for it.</summary>
    public const string Switched = "switched";

    /// <summary>No decode instance may change roles; one takes the prompt beside its decodes and keeps their pace.</summary>
    public const string Borrowed = "borrowed";

    /// <summary>A decode instance holds so much of the prompt that it is much quicker there.</summary>
    public const string PrefixHeld = "prefix-held";

    /// <summary>All have queues; this one is the quickest, and in time.</summary>
    public const string InTime = "in-time";

    /// <summary>No instance reaches the first token in time; this one is the quickest.</summary>
    public const string Quickest = "quickest";

    /// <summary>No instance reaches the first token in time; it joins the longest queue, so that others keep theirs.</summary>
    public const string Late = "late";

    /// <summary>Other samples of the prompt are there.</summary>
    public const string Group = "group";

    /// <summary>Decodes where it was prefilled: nothing has to move.</summary>
    public const string SameInstance = "same-instance";

    /// <summary>Decodes on the decode instance with the fewest running tokens: worth the transfer.</summary>
    public const string FewestTokens = "fewest-tokens";

    /// <summary>No decode instance had room; one changed roles for it.</summary>
    public const string DecodeSwitched = "decode-switched";

    /// <summary>No instance has room for the decode within its objective; it stays where it is.</summary>
    public const string NoRoom = "no-room";
}
