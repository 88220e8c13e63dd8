using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class TimerGrain : Grain, ITimerGrain
{
    private int _inside;
    private int _most;
    private int _ticks;
    private IGrainTimer? _timer;

    public Task StartOverlapAsync()
    {
        _timer = this.RegisterGrainTimer(TickAsync, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        return Task.CompletedTask;
    }

    public Task<int> MeasureOverlapAsync() => Task.FromResult(_most);

    public Task ChangeInCallbackAsync()
    {
        IGrainTimer? timer = null;
        timer = this.RegisterGrainTimer(
            _ =>
            {
                if (++_ticks == 1)
                {
                    timer!.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                }
                else
                {
                    Facts.Set($"{this.GetPrimaryKeyString()} second");
                }

                return Task.CompletedTask;
            },
            TimeSpan.FromMilliseconds(1),
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task DelayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task<string> ActivationAsync() => Task.FromResult(GrainContext.ActivationId.ToString());

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return Task.CompletedTask;
    }

    private async Task TickAsync()
    {
        _most = Math.Max(_most, ++_inside);
        await Task.Yield();
        await Task.Yield();
        _inside--;
        if (++_ticks == 20)
        {
            _timer!.Dispose();
            Facts.Set($"{this.GetPrimaryKeyString()} twenty");
        }
    }
}
