namespace XLLM.Engine.Loop;

/// <summary>How a part of a step came out.</summary>
internal enum PartVerdict
{
    /// <summary>Computed, with a token where one is sampled; the request goes on.</summary>
    Computed = 0,

    /// <summary>The token is one that ends the request.</summary>
    Stopped = 1,

    /// <summary>The logits are not finite numbers.</summary>
    NotFinite = 2,

    /// <summary>Left out before the step ran, or not sampled: the request ended or was paused meanwhile.</summary>
    Dropped = 3,

    /// <summary>Computed, but not drawn: the mask of the next token is not known yet. The row is computed again.</summary>
    Late = 4,

    /// <summary>The token completes the structure of the output, and ends the request.</summary>
    Closed = 5,

    /// <summary>The structure was complete already: the request ends without a token.</summary>
    Complete = 6,

    /// <summary>The structure cannot be kept.</summary>
    Refused = 7,

    /// <summary>The last hidden state that is wanted of the request was in it: the request ends without a token.</summary>
    Pooled = 8,
}
