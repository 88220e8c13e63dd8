namespace Orleans.Serialization;

/// <summary>Bounds on what a peer can make the reader do.</summary>
internal static class WireLimits
{
    /// <summary>First byte of every serialised value.</summary>
    public const byte Version = 1;

    /// <summary>Most objects inside each other.</summary>
    public const int MaxDepth = 200;

    /// <summary>Elements allocated before any has been read.</summary>
    public const int TrustedCount = 4096;

    public static SerializerException TooDeep() =>
        new($"The value has more than {MaxDepth} objects inside each other; a deeper one does not travel.");
}
