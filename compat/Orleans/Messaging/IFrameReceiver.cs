namespace Orleans.Runtime;

/// <summary>A node's end of the transport.</summary>
internal interface IFrameReceiver
{
    void OnFrame(ReadOnlyMemory<byte> frame);

    /// <summary>The connection to a node is lost.</summary>
    void OnPeerLost(SiloAddress peer);
}
