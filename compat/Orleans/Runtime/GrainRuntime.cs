using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Storage;
using Orleans.Timers;

namespace Orleans.Runtime;

internal sealed class GrainRuntime(SiloNode silo, IGrainFactory factory, ITimerRegistry timers, TimeProvider time) : IGrainRuntime
{
    public SiloAddress SiloAddress => silo.Address;

    public string SiloIdentity => silo.Address.ToString();

    public IGrainFactory GrainFactory => factory;

    public ITimerRegistry TimerRegistry => timers;

    public IServiceProvider ServiceProvider => silo.Services;

    public TimeProvider TimeProvider => time;

    public void DeactivateOnIdle(IGrainContext grainContext) => grainContext.Deactivate(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) =>
        ((Activation)grainContext).DelayDeactivation(timeSpan);

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext)
    {
        var type = ((Activation)grainContext).Class.Type;
        var name = type.GetCustomAttribute<StorageProviderAttribute>()?.ProviderName
            ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        var storage = silo.Services.GetKeyedService<IGrainStorage>(name)
            ?? throw new OrleansConfigurationException($"Grain class {type} needs the grain storage '{name}', which is not configured.");
        return new PersistentState<TGrainState>(type.FullName!, grainContext, storage);
    }
}
