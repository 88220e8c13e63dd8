namespace Orleans.Runtime;

/// <summary>How a frame is treated where not all can pass.</summary>
internal enum FrameClass
{
    /// <summary>A request to a grain or observer: refused when too much waits, or when the receiver leaves.</summary>
    Request,

    /// <summary>Answers, and what silos tell each other: always taken while the receiver is not dead.</summary>
    Other,
}
