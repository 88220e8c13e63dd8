namespace Orleans.Runtime;

/// <summary>
/// The entry after the operation; or the owner's different view, in which the sender shall look again; or when it shall try again.
/// </summary>
[GenerateSerializer, Immutable]
internal sealed record DirectoryAnswer
{
    [Id(0)]
    public GrainAddress? Entry { get; init; }

    [Id(1)]
    public ClusterMembershipSnapshot? OtherView { get; init; }

    [Id(2)]
    public TimeSpan RetryAfter { get; init; }
}
