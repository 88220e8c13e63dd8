namespace XLLM.Gateway.Batches;

/// <summary>Why no more requests of a batch are run.</summary>
internal enum BatchStop
{
    /// <summary>Nothing stops them.</summary>
    None,

    /// <summary>Its owner does not want it any more.</summary>
    Cancelled,

    /// <summary>Its completion window is over.</summary>
    Expired,

    /// <summary>This process ends, or lost its claim: another one goes on.</summary>
    Released,
}
