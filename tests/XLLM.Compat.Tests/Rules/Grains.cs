using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace XLLM.Compat.Tests.Rules;

/// <summary>A factory of a silo that is not started: enough to make references.</summary>
internal static class Grains
{
    public static IGrainFactory Factory { get; } = Create();

    private static IGrainFactory Create()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        return builder.Build().Services.GetRequiredService<IGrainFactory>();
    }
}
