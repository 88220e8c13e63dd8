using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Placement;
using XLLM.Contracts.Ports;
using XLLM.Grains.Fleet;
using XLLM.Grains.Instances;
using XLLM.Grains.Placement;
using XLLM.Grains.Requests;
using XLLM.Grains.Routing;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains;

/// <summary>What the grains need of their silo's services.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the silo singletons behind the grains and the device placement filter. The options RoutingOptions, FleetOptions and
    /// RequestOptions are the caller's to configure.
    /// </summary>
    public static IServiceCollection AddXllmGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FleetView>();
        services.TryAddSingleton<IReachProbe, TcpReachProbe>();
        services.AddSingleton<GatewayHome>();
        services.AddSingleton<RouterState>();
        services.AddSingleton<LocalInstances>();
        services.AddSingleton<RunWatch>();
        services.AddSingleton<RequestServices>();
        services.AddSingleton<IRequestProgress, RequestProgress>();
        services.AddSingleton<RequestOutcomes>();
        services.AddHostedService<FleetWatcher>();
        services.AddPlacementFilter<DevicePlacementFilter, DevicePlacementDirector>(ServiceLifetime.Singleton);
        services.AddPlacementFilter<GatewayPlacementFilter, GatewayPlacementDirector>(ServiceLifetime.Singleton);
        return services;
    }
}
