namespace XLLM.Scheduling.Prefix;

/// <summary>What became of a message to a block owner.</summary>
public enum OwnerUpdate
{
    /// <summary>Taken, or known already.</summary>
    Applied = 0,

    /// <summary>Of an older epoch than the one known; dropped.</summary>
    Stale = 1,

    /// <summary>Messages before it are missing; dropped. Everything has to be sent again.</summary>
    Gap = 2,
}
