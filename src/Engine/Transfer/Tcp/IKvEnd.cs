namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// One side of a transfer on a connection. Called by the connection's reader, which waits for nothing else meanwhile: calls
/// return at once.
/// </summary>
internal interface IKvEnd
{
    /// <summary>A control frame of the transfer. Throws <see cref="KvTransferException"/> where it cannot be right.</summary>
    void Take(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload);

    /// <summary>
    /// Where the payload of a data frame goes; it stays valid until <see cref="EndWrite"/>. False = it is not wanted (any more)
    /// and is thrown away. Throws <see cref="KvTransferException"/> where the frame cannot be right.
    /// </summary>
    bool TryBeginWrite(KvConnection connection, in KvFrame frame, out Memory<byte> memory);

    /// <summary>The payload is there, or not: the connection broke or the checksum differs.</summary>
    void EndWrite(KvConnection connection, in KvFrame frame, bool isSound);

    /// <summary>The connection is gone.</summary>
    void Lost(KvConnection connection);
}
