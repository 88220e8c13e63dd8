using Orleans.Timers;

namespace Orleans.Runtime;

internal sealed class TimerRegistry(TimeProvider time) : ITimerRegistry
{
    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grainContext is Activation activation
            ? new GrainTimer(activation, token => callback(state, token), options, time)
            : throw new InvalidOperationException("Only a grain made by the runtime has timers.");
    }
}
