namespace XLLM.Engine.Transfer;

/// <summary>A transfer or connection that cannot go on.</summary>
public sealed class KvTransferException(KvFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What went wrong.</summary>
    public KvFault Fault { get; } = fault;
}
