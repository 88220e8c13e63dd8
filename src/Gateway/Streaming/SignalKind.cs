namespace XLLM.Gateway.Streaming;

/// <summary>Kinds of <see cref="SessionSignal"/>.</summary>
internal enum SignalKind
{
    Chunk = 0,

    /// <summary>No token came for too long.</summary>
    TimedOut = 1,

    /// <summary>The client left.</summary>
    Aborted = 2,
}
