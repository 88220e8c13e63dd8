namespace XLLM.Gateway.Batches;

/// <summary>A batch this process works on. One thread: the service's.</summary>
internal sealed class ClaimedBatch(BatchRun run, Task task, long renewed)
{
    public BatchRun Run => run;

    /// <summary>Never fails.</summary>
    public Task Task => task;

    /// <summary>Timestamp of the last renewal.</summary>
    public long Renewed { get; set; } = renewed;

    /// <summary>Requests done when the database was told last.</summary>
    public int Told { get; set; } = -1;
}
