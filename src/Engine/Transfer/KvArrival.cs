namespace XLLM.Engine.Transfer;

/// <summary>How a transfer to this engine ended.</summary>
/// <param name="Held">The chain's leading blocks that the prefix cache has now; the receiver releases it.</param>
/// <param name="Came">Blocks that this transfer brought.</param>
/// <param name="Fault">Why there were not more; None = all that was promised came.</param>
public sealed record KvArrival(KvHold Held, int Came, KvFault Fault);
