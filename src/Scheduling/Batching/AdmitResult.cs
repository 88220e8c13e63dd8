namespace XLLM.Scheduling.Batching;

/// <summary>Answer to an attempt to admit the head of a queue.</summary>
public enum AdmitResult
{
    /// <summary>The head runs now.</summary>
    Admitted = 0,

    /// <summary>Nothing waits there that could run.</summary>
    Empty = 1,

    /// <summary>The head has to wait: no budget, no place in the batch or no blocks. Nobody may pass it.</summary>
    Blocked = 2,
}
