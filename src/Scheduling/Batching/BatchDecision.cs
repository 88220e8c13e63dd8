namespace XLLM.Scheduling.Batching;

/// <summary>One decision of a plan, for logs and counters.</summary>
public readonly record struct BatchDecision(BatchDecisionKind Kind, Sequence Sequence, int Amount);
