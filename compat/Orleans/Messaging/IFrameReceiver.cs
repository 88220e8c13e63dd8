namespace Orleans.Runtime;

/// <summary>A node's end of the transport.</summary>
internal interface IFrameReceiver
{
    void OnFrame(ReadOnlyMemory<byte> frame);

    /// <summary>
    /// The connection to a node is lost for good, or was closed because the node is dead. Comes after its last frame.
    /// </summary>
    void OnPeerLost(SiloAddress peer);
}
