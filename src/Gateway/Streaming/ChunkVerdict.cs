namespace XLLM.Gateway.Streaming;

/// <summary>What became of a chunk.</summary>
internal enum ChunkVerdict
{
    Taken = 0,

    /// <summary>A stop string was found: the house must be told to end the request.</summary>
    StopFound = 1,

    /// <summary>Tokens before it never came.</summary>
    Gap = 2,

    /// <summary>More tokens than the request allows.</summary>
    TooMany = 3,
}
