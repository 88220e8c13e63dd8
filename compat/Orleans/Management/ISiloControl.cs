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
}
