using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A tick of a timer, admitted like a request.</summary>
internal sealed class TimerTick(GrainTimer timer, GrainTimerCreationOptions options) : WorkItem, IInvokable
{
    private static readonly MethodInfo Method = typeof(GrainTimer).GetMethod(nameof(GrainTimer.TickAsync))!;

    public override bool IsAlwaysInterleave => options.Interleave;

    public override bool KeepsAlive => options.KeepAlive;

    public override IInvokable Invokable => this;

    public override async Task RunAsync(Activation activation)
    {
        try
        {
            RequestContext.Clear();
            await timer.TickAsync();
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "The timer callback of {Grain} threw", activation.GrainId);
        }
        finally
        {
            timer.ScheduleNext();
        }
    }

    string IInvokable.GetInterfaceName() => nameof(IGrainTimer);

    Type IInvokable.GetInterfaceType() => typeof(IGrainTimer);

    string IInvokable.GetMethodName() => Method.Name;

    MethodInfo IInvokable.GetMethod() => Method;

    int IInvokable.GetArgumentCount() => 0;

    object? IInvokable.GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));
}
