using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Grain storage in a database: states survive the cluster.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(
        this ISiloBuilder builder, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(name, options => options.Configure(configureOptions));

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null)
    {
        configureOptions?.Invoke(builder.Services.AddOptions<AdoNetGrainStorageOptions>(name));
        builder.Services.AddSingleton<IConfigurationValidator>(services => new StorageValidator(
            name, services.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(name)));
        builder.Services.AddGrainStorage(name, AdoNetGrainStorage.Create);
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
            (AdoNetGrainStorage)services.GetRequiredKeyedService<IGrainStorage>(name));
        return builder;
    }

    private sealed class StorageValidator(string name, AdoNetGrainStorageOptions options) : IConfigurationValidator
    {
        public void ValidateConfiguration() =>
            AdoNetDatabase.Validate($"AdoNetGrainStorageOptions of '{name}'", options.Invariant, options.ConnectionString);
    }
}
