namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// A transfer with blocks to send. Its connection's writer takes a frame when it can send one, and takes no second one before the
/// first is out. Called by the writer, which waits for nothing else meanwhile: calls return at once.
/// </summary>
internal interface IKvSource
{
    /// <summary>The next data frame; its payload stays valid until <see cref="Sent"/>. False = there is none now.</summary>
    bool TryTake(KvConnection connection, out KvFrame frame, out ReadOnlyMemory<byte> payload);

    /// <summary>The frame is out, or the connection is gone.</summary>
    void Sent(KvConnection connection);
}
