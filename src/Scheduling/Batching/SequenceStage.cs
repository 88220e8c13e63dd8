namespace XLLM.Scheduling.Batching;

/// <summary>Where a sequence is in its engine.</summary>
public enum SequenceStage
{
    /// <summary>In the queue: new, or pre-empted and to be computed again. Holds no blocks.</summary>
    Waiting = 0,

    /// <summary>In the batch; holds blocks.</summary>
    Running = 1,

    /// <summary>Out of the planner's hands; holds no blocks.</summary>
    Ended = 2,
}
