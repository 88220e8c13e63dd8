using Orleans.Core;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>What the runtime gives to grains.</summary>
public interface IGrainRuntime
{
    SiloAddress SiloAddress { get; }

    string SiloIdentity { get; }

    IGrainFactory GrainFactory { get; }

    ITimerRegistry TimerRegistry { get; }

    IServiceProvider ServiceProvider { get; }

    TimeProvider TimeProvider { get; }

    void DeactivateOnIdle(IGrainContext grainContext);

    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);

    IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext);
}
