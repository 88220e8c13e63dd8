namespace Orleans.Runtime;

/// <summary>Carries frames between nodes (silos and clients). In one process here; over sockets the same port serves.</summary>
internal interface IMessageTransport
{
    /// <summary>Makes a node reachable. Frames of one sender come in the order they were sent.</summary>
    void Attach(SiloAddress node, IFrameReceiver receiver);

    /// <summary>Takes a frame for delivery; false when the node is known to be unreachable. At most once.</summary>
    bool TrySend(SiloAddress target, ReadOnlyMemory<byte> frame);

    /// <summary>Takes no more frames for a node, and completes when those taken before have been received.</summary>
    Task DrainAsync(SiloAddress node);

    /// <summary>Makes a node unreachable; frames under way to it are lost. The others are told.</summary>
    void Detach(SiloAddress node);
}
