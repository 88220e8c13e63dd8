using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;

namespace Orleans.Runtime;

internal sealed class SiloControl(SiloNode silo) : ISiloControl
{
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

    public Task<GrainId[]> GetActivationsAsync() => Task.FromResult(silo.Catalog.All.Select(a => a.GrainId).ToArray());
}
