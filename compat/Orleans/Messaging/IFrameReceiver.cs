namespace Orleans.Runtime;

/// <summary>A node's end of the transport.</summary>
internal interface IFrameReceiver
{
    void OnFrame(ReadOnlyMemory<byte> frame);

    /// <summary>
    /// The connection to a node is lost for good, or was closed because the node is dead. Comes after its last frame.
    /// </summary>
    void OnPeerLost(SiloAddress peer);

    /// <summary>A frame that was never sent: the node is dead, or two attempts to connect to it have failed.</summary>
    void OnUndelivered(SiloAddress peer, ReadOnlyMemory<byte> frame);

    /// <summary>The connection broke while the frame was being sent: it may have arrived, or not. The other node may be well.</summary>
    void OnSendFailed(SiloAddress peer, ReadOnlyMemory<byte> frame);

    /// <summary>Another node refuses this one because it takes it for dead.</summary>
    void OnRefusedAsDead();
}
