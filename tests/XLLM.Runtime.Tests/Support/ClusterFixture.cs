using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using XLLM.Runtime.Tests.Grains;

namespace XLLM.Runtime.Tests.Support;

/// <summary>A cluster of two silos for tests that leave it as it is.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; } = Build(2);

    public IGrainFactory Client => Cluster.Client;

    /// <summary>The first silo's co-hosted client.</summary>
    public IGrainFactory Local => Of(0);

    public static InProcessTestCluster Build(short silos, Action<InProcessTestClusterBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) => Configure(silo));
        configure?.Invoke(builder);
        return builder.Build();
    }

    public static void Configure(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage("memory");
        silo.AddMemoryGrainStorageAsDefault();
        silo.Services.AddPlacementFilter<RecordingFilter, RecordingFilterDirector>(ServiceLifetime.Singleton);
        silo.Services.AddPlacementFilter<NobodyFilter, NobodyFilterDirector>(ServiceLifetime.Singleton);
        silo.Services.AddPlacementFilter<OtherRecordingFilter, OtherRecordingFilterDirector>(ServiceLifetime.Singleton);
    }

    public IGrainFactory Of(int silo) => Of(Cluster, silo);

    public static IGrainFactory Of(InProcessTestCluster cluster, int silo) =>
        cluster.Silos[silo].ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <summary>Runs a call whose grain, when it is new, goes to this silo.</summary>
    public static async Task<T> PlacedOn<T>(SiloAddress silo, Func<Task<T>> call)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        try
        {
            return await call();
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    public Task InitializeAsync() => Cluster.DeployAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
