namespace XLLM.Scheduling.Recovery;

/// <summary>How an interrupted request goes on.</summary>
public enum RecoveryKind
{
    /// <summary>No instance can take it now.</summary>
    None = 0,

    /// <summary>The target computes prompt and generated tokens anew, apart from what it holds itself.</summary>
    Recompute = 1,

    /// <summary>Surviving KV moves from another instance to the target, which computes the rest.</summary>
    Migrate = 2,
}
