namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Takes what others open. Called by a connection's reader: it returns at once.</summary>
internal interface IKvServer
{
    /// <summary>A Push or Fetch frame. Throws <see cref="KvTransferException"/> where it is malformed.</summary>
    void Open(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload);
}
