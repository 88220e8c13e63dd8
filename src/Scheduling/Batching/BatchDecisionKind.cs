namespace XLLM.Scheduling.Batching;

/// <summary>What the planner did with a sequence.</summary>
public enum BatchDecisionKind
{
    /// <summary>It joined the batch; <c>Amount</c> of its tokens came from the prefix cache.</summary>
    Admitted = 0,

    /// <summary>It lost its <c>Amount</c> blocks and waits to be computed again.</summary>
    Preempted = 1,

    /// <summary>Its deadline passed while it waited; it is out of the planner's hands.</summary>
    Expired = 2,

    /// <summary>
    /// It joined the batch with the KV of its whole prompt, taken over from another sample: its first token is to be drawn from
    /// the fork point's logits at once. <c>Amount</c> is the prompt's length.
    /// </summary>
    Forked = 3,
}
