using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;

namespace Orleans.Hosting;

/// <summary>Clusters whose membership is in a database. Their silos talk over sockets.</summary>
public static class AdoNetHostingExtensions
{
    public static ISiloBuilder UseAdoNetClustering(
        this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        builder.UseAdoNetClustering(options => options.Configure(configureOptions));

    public static ISiloBuilder UseAdoNetClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetClusteringSiloOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(builder.Services.AddOptions<AdoNetClusteringSiloOptions>());
        builder.Services.AddSingleton<IMembershipTable, AdoNetClusteringTable>();
        builder.Services.AddSingleton<IConfigurationValidator, ClusteringValidator>();
        return builder;
    }

    private sealed class ClusteringValidator(IOptions<AdoNetClusteringSiloOptions> options) : IConfigurationValidator
    {
        public void ValidateConfiguration() =>
            AdoNetDatabase.Validate("AdoNetClusteringSiloOptions", options.Value.Invariant, options.Value.ConnectionString);
    }
}
