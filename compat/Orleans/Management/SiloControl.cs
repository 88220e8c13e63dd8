using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;

namespace Orleans.Runtime;

internal sealed class SiloControl(SiloNode silo) : ISiloControl
{
    private DistributedGrainDirectory Directory => silo.Directory as DistributedGrainDirectory
        ?? throw new OrleansException($"Silo {silo.Address} has no part of a distributed directory.");

    public static GrainType GrainType { get; } = GrainType.Create("sys.svc.silocontrol");

    public static GrainId IdOf(SiloAddress silo) => GrainId.Create(GrainType, silo.ToParsableString());

    public Task<SiloMetadata> ExchangeMetadataAsync(SiloAddress other, SiloMetadata metadata)
    {
        silo.Metadata.Set(other, metadata);
        return Task.FromResult(silo.Metadata.Own);
    }

    public Task AcceptAsync(GrainId grain, GrainAddress previous, Dictionary<string, byte[]> state)
    {
        var context = new MigrationContext(silo.Services.GetRequiredService<Serializer>(), state, previous);
        return silo.Catalog.AcceptMoved(grain, context).Registered;
    }

    public Task CollectAsync(TimeSpan age) => silo.Catalog.CollectAsync(age);

    public Task PingAsync() => Task.CompletedTask;

    public Task GossipAsync(ClusterMembershipSnapshot snapshot) => silo.Membership.ApplyAsync(snapshot);

    public Task<DirectoryAnswer> RunDirectoryAsync(DirectoryRequest request) => Directory.HandleAsync(request);

    public Task<GrainAddress[]> ReportActivationsAsync(ClusterMembershipSnapshot view, SiloAddress owner) =>
        Directory.ReportAsync(view, owner);

    public Task EndDuplicatesAsync(GrainAddress[] losers)
    {
        foreach (var loser in losers)
        {
            if (silo.Catalog.Find(loser.GrainId) is { } activation && activation.Address.Matches(loser))
            {
                Directory.Forget(loser);
                activation.Deactivate(new DeactivationReason(
                    DeactivationReasonCode.DuplicateActivation, "The grain has another activation."));
            }
        }

        return Task.CompletedTask;
    }

    public Task<GrainId[]> GetActivationsAsync() => Task.FromResult(silo.Catalog.All.Select(a => a.GrainId).ToArray());
}
