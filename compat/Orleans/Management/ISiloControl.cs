using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Runtime;

/// <summary>What silos ask of each other.</summary>
internal interface ISiloControl : ISystemTarget
{
    /// <summary>Tells the caller's metadata and gives back the callee's.</summary>
    Task<SiloMetadata> ExchangeMetadataAsync(SiloAddress silo, SiloMetadata metadata);

    /// <summary>Takes a moving activation; completes when it is registered here.</summary>
    Task AcceptAsync(GrainId grain, GrainAddress previous, Dictionary<string, byte[]> state);

    Task CollectAsync(TimeSpan age);

    Task<GrainId[]> GetActivationsAsync();

    /// <summary>A probe.</summary>
    [ResponseTimeout("00:00:10")]
    Task PingAsync();

    /// <summary>Tells what the caller knows of the cluster; completes when the callee knows it.</summary>
    [ResponseTimeout("00:00:10")]
    Task GossipAsync(ClusterMembershipSnapshot snapshot);

    Task<DirectoryAnswer> RunDirectoryAsync(DirectoryRequest request);

    /// <summary>The callee's activations whose directory entries belong to a silo in this view, or a newer one.</summary>
    [ResponseTimeout("00:00:05")]
    Task<GrainAddress[]> ReportActivationsAsync(ClusterMembershipSnapshot view, SiloAddress owner);

    /// <summary>Ends activations of grains that have another one.</summary>
    Task EndDuplicatesAsync(GrainAddress[] losers);
}
