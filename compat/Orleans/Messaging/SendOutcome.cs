namespace Orleans.Runtime;

/// <summary>What became of a frame given to the transport.</summary>
internal enum SendOutcome
{
    /// <summary>Taken for delivery, at most once.</summary>
    Taken,

    /// <summary>Not taken: the node is dead, or leaves and takes no new requests.</summary>
    Gone,

    /// <summary>Not taken: too much waits for the node already.</summary>
    Full,
}
