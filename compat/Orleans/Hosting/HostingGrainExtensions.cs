using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Registration of grain extensions.</summary>
public static class HostingGrainExtensions
{
    /// <summary>Grains of this silo answer calls through the interface by a <typeparamref name="TExtension"/> each.</summary>
    public static ISiloBuilder AddGrainExtension<TExtensionInterface, TExtension>(this ISiloBuilder builder)
        where TExtensionInterface : class, IGrainExtension
        where TExtension : class, TExtensionInterface =>
        builder.ConfigureServices(services =>
            services.AddKeyedTransient<IGrainExtension, TExtension>(typeof(TExtensionInterface)));
}
