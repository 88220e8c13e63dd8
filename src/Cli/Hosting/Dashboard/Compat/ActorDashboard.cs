using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace XLLM.Cli.Hosting.Dashboard;

/// <summary>The stand-in has no dashboard.</summary>
internal static class ActorDashboard
{
    public static void AddTo(ISiloBuilder silo)
    {
    }

    public static void LinkIn(IServiceCollection services)
    {
    }

    public static void MapTo(WebApplication app)
    {
    }
}
