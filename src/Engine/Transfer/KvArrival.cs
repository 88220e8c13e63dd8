namespace XLLM.Engine.Transfer;

/// <summary>How a transfer to this engine ended.</summary>
/// <param name="Held">The chain's leading blocks that the prefix cache has now; the receiver releases it.</param>
/// <param name="Came">Blocks that this transfer brought.</param>
/// <param name="Fault">Why there were not more; None = all that was promised came.</param>
/// <param name="Found">Leading blocks of the chain that a push's giver had before; the later ones it computed for the request.</param>
public sealed record KvArrival(KvHold Held, int Came, KvFault Fault, int Found = 0)
{
    /// <summary>Leading blocks that either side had before the transfer: hits of a prefix cache.</summary>
    public int Cached => Math.Min(Held.Blocks.Length, Math.Max(Held.Blocks.Length - Came, Found));
}
