using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Utilities;

namespace XLLM.Runtime.Tests.Grains;

public sealed class SpeakerGrain : Grain, ISpeakerGrain
{
    private readonly ObserverManager<IListener> _listeners;
    private DateTime _now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public SpeakerGrain()
    {
        _listeners = new ObserverManager<IListener>(TimeSpan.FromMinutes(5), NullLogger.Instance) { GetDateTime = () => _now };
    }

    public Task SubscribeAsync(IListener listener)
    {
        _listeners.Subscribe(listener, listener);
        return Task.CompletedTask;
    }

    public Task SayAsync(string what) => _listeners.Notify(l => l.OnHeardAsync(what));

    public async Task<int> AskAllAsync(int number)
    {
        var sum = 0;
        await _listeners.Notify(async l => sum += await l.AskAsync(number));
        return sum;
    }

    public Task<int> CountAsync()
    {
        _listeners.ClearExpired();
        return Task.FromResult(_listeners.Count);
    }

    public Task PassTimeAsync(TimeSpan time)
    {
        _now += time;
        return Task.CompletedTask;
    }

    public Task ObserveItselfAsync()
    {
        GrainFactory.CreateObjectReference<IListener>(new Listener());
        return Task.CompletedTask;
    }
}
