namespace Orleans.Runtime;

/// <summary>An operation of the distributed directory, sent to the silo that has the grain's entry.</summary>
[GenerateSerializer, Immutable]
internal sealed record DirectoryRequest
{
    [Id(0)]
    public DirectoryOperation Operation { get; init; }

    [Id(1)]
    public GrainId Grain { get; init; }

    /// <summary>Null for a lookup.</summary>
    [Id(2)]
    public GrainAddress? Address { get; init; }

    /// <summary>The entry that <see cref="Address"/> may replace.</summary>
    [Id(3)]
    public GrainAddress? Previous { get; init; }

    /// <summary>The view in which the sender found the owner.</summary>
    [Id(4)]
    public MembershipVersion Version { get; init; }
}
