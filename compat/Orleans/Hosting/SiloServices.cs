using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>The services of a silo and of a client.</summary>
internal static class SiloServices
{
    /// <summary>May be called several times for one host.</summary>
    public static ISiloBuilder AddSilo(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new Builder(services, configuration);
        if (services.Any(s => s.ServiceType == typeof(SiloNode)))
        {
            return builder;
        }

        AddShared(services);
        services.AddSingleton<SocketTransport>();
        services.TryAddSingleton<IMessageTransport>(s => IsInProcess(s)
            ? s.GetRequiredService<InProcessFabric>().Network
            : s.GetRequiredService<SocketTransport>());
        services.TryAddSingleton<IGrainDirectory>(s => IsInProcess(s)
            ? s.GetRequiredService<InProcessFabric>().Directory
            : new DistributedGrainDirectory());
        services.TryAddSingleton<IFatalErrorHandler, FatalErrorHandler>();
        services.AddSingleton<ILocalSiloDetails, SiloDetails>();
        services.AddSingleton<SiloNode>();
        services.AddSingleton<Node>(s => s.GetRequiredService<SiloNode>());
        services.AddSingleton(s => s.GetRequiredService<SiloNode>().Membership);
        services.AddSingleton<IClusterMembershipService>(s => s.GetRequiredService<Membership>());
        services.AddSingleton<ISiloStatusOracle>(s => s.GetRequiredService<Membership>());
        services.AddSingleton(s => new SiloMetadataCache(s.GetService<SiloMetadata>() ?? SiloMetadata.Empty));
        services.AddSingleton<ISiloMetadataCache>(s => s.GetRequiredService<SiloMetadataCache>());
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<ISiloLifecycle>(s => s.GetRequiredService<SiloLifecycle>());
        services.AddSingleton<SiloStages>();
        services.AddSingleton<IGrainRuntime, GrainRuntime>();
        services.AddSingleton<ITimerRegistry, TimerRegistry>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddHostedService<SiloHostedService>();
        AddPlacement(services);
        return builder;
    }

    public static IClientBuilder AddClient(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new Builder(services, configuration);
        if (services.Any(s => s.ServiceType == typeof(ClientNode)))
        {
            return builder;
        }

        AddShared(services);
        services.TryAddSingleton<IMessageTransport>(s => s.GetRequiredService<InProcessFabric>().Network);
        services.TryAddSingleton<IGrainDirectory>(s => s.GetRequiredService<InProcessFabric>().Directory);
        services.AddSingleton(s => new ClientNode(
            s,
            SiloAddress.New(IPAddress.Loopback, 0, -SiloAddress.AllocateNewGeneration()),
            s.GetRequiredService<IMessageTransport>(),
            s.GetRequiredService<IMembershipTable>(),
            s.GetRequiredService<IOptions<ClientMessagingOptions>>()));
        services.AddSingleton<Node>(s => s.GetRequiredService<ClientNode>());
        services.AddHostedService<ClientHostedService>();
        return builder;
    }

    private static void AddShared(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.AddSerializer();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => InProcessFabric.Of(
            s.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
            s.GetRequiredService<IOptions<DevelopmentClusterMembershipOptions>>().Value.PrimarySiloEndpoint
                ?? EndpointOf(s.GetRequiredService<IOptions<EndpointOptions>>().Value)));
        services.TryAddSingleton<IMembershipTable>(s => s.GetRequiredService<InProcessFabric>().Table);
        services.AddSingleton<GrainClassMap>();
        services.AddSingleton<INodeRuntime>(s => s.GetRequiredService<Node>());
        services.AddSingleton<GrainFactory>();
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<GrainFactory>());
        services.AddSingleton<IClusterClient>(s => s.GetRequiredService<GrainFactory>());
    }

    private static void AddPlacement(IServiceCollection services)
    {
        services.AddPlacementDirector<RandomPlacement, RandomPlacementDirector>();
        services.AddPlacementDirector<ResourceOptimizedPlacement, RandomPlacementDirector>();
        services.AddPlacementDirector<PreferLocalPlacement, LocalPlacementDirector>();
        services.AddPlacementDirector<StatelessWorkerPlacement, LocalPlacementDirector>();
        services.AddPlacementDirector<HashBasedPlacement, HashBasedPlacementDirector>();
    }

    // A table of the application's choice (a database, a file) is that of a cluster of several processes.
    private static bool IsInProcess(IServiceProvider services) =>
        services.GetRequiredService<IMembershipTable>() is InMemoryMembershipTable;

    private static IPEndPoint EndpointOf(EndpointOptions options) => new(options.AdvertisedIPAddress, options.SiloPort);
}
