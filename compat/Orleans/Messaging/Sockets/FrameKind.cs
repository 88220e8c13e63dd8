namespace Orleans.Runtime;

/// <summary>A frame's first byte on a socket, after its length.</summary>
internal enum FrameKind : byte
{
    Message = 1,

    /// <summary>The sender leaves: no requests to it any more, please.</summary>
    Goodbye = 2,

    /// <summary>No request follows: the answer to <see cref="Goodbye"/>.</summary>
    LastRequestSent = 3,
}
