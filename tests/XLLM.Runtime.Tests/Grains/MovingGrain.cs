using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class MovingGrain(
    ILocalSiloDetails silo, [PersistentState("moving", "memory")] IPersistentState<StoredValue> stored)
    : Grain, IMovingGrain, IGrainMigrationParticipant
{
    private string? _carried;
    private bool _failDehydration;
    private int _ticks;
    private int _timers;

    public Task SetAsync(string value)
    {
        _carried = value;
        return Task.CompletedTask;
    }

    public Task<MovingState> GetAsync() => Task.FromResult(new MovingState
    {
        Activation = GrainContext.ActivationId.ToString(),
        Silo = silo.SiloAddress.ToString(),
        Carried = _carried,
        Stored = stored.State.Text,
        ETag = stored.Etag,
        Timers = _timers,
    });

    public Task<MovingState> PeekAsync() => GetAsync();

    public async Task WriteAsync(string value)
    {
        stored.State.Text = value;
        await stored.WriteStateAsync();
    }

    public Task MoveAsync()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task FailDehydrationAsync()
    {
        _failDehydration = true;
        return Task.CompletedTask;
    }

    public Task StartTimerAsync(TimeSpan period)
    {
        _timers++;
        this.RegisterGrainTimer(
            () =>
            {
                Facts.Set($"{this.GetPrimaryKeyString()} tick {++_ticks}");
                return Task.CompletedTask;
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_failDehydration)
        {
            throw new InvalidOperationException("This state does not move.");
        }

        dehydrationContext.TryAddValue("carried", _carried);
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<string>("carried", out var value))
        {
            _carried = value;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return Task.CompletedTask;
    }
}
