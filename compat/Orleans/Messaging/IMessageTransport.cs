namespace Orleans.Runtime;

/// <summary>Carries frames between nodes (silos and clients): in one process, or over sockets.</summary>
internal interface IMessageTransport
{
    /// <summary>A node that cannot be reached is dead: so it is in one process. Else only the membership says who is dead.</summary>
    bool LossIsDeath { get; }

    /// <summary>Makes a node reachable. Frames of one sender come in the order they were sent.</summary>
    void Attach(SiloAddress node, IFrameReceiver receiver);

    /// <summary>Takes a frame for delivery, at most once.</summary>
    SendOutcome Send(SiloAddress target, ReadOnlyMemory<byte> frame, FrameClass frameClass);

    /// <summary>Takes no more requests for a node, and completes when those taken before have been received.</summary>
    Task DrainAsync(SiloAddress node);

    /// <summary>Completes when what the node has sent has left it. It sends nothing after that.</summary>
    Task FlushAsync(SiloAddress node);

    /// <summary>Makes a node unreachable; frames under way to it are lost. The others are told.</summary>
    void Detach(SiloAddress node);

    /// <summary>
    /// A node has been declared dead: its connections end, what waits for it comes back, and then <see cref="IFrameReceiver.OnPeerLost"/>.
    /// </summary>
    void Forget(SiloAddress dead);
}
