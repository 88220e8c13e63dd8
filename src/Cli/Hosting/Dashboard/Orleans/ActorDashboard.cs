using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Dashboard;
using Orleans.Hosting;
using XLLM.Gateway.Cluster;

namespace XLLM.Cli.Hosting.Dashboard;

/// <summary>The Orleans Dashboard: every silo has its part, gateways show it at /orleans behind the gateway's own checks of hosts and keys.</summary>
internal static class ActorDashboard
{
    private const string Path = "/orleans";

    public static void AddTo(ISiloBuilder silo) => silo.AddDashboard();

    public static void LinkIn(IServiceCollection services) => services.AddSingleton(new ClusterLink("Orleans Dashboard", Path + "/"));

    public static void MapTo(WebApplication app) => app.MapOrleansDashboard(Path);
}
