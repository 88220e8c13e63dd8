using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class BusyGrain(ILocalSiloDetails silo) : Grain, IBusyGrain
{
    private int _ended;
    private bool _lingers;

    public async Task<string> HoldAsync(string name)
    {
        Facts.Set($"{name} began");
        await Facts.WaitAsync($"{name} may end");
        _ended++;
        Facts.Set($"{name} ended");
        return silo.SiloAddress.ToString();
    }

    public Task HoldReadingAsync(string name) => HoldAsync(name);

    public Task<int> EnterAsync() => Task.FromResult(1);

    public Task<int> GetEndedAsync() => Task.FromResult(_ended);

    public Task CallSelfAsync() => this.AsReference<IBusyGrain>().HoldBrieflyAsync(this.GetPrimaryKeyString());

    public async Task<int> CallSelfReentrantlyAsync()
    {
        using var section = RequestContext.AllowCallChainReentrancy();
        return await this.AsReference<IBusyGrain>().GetEndedAsync();
    }

    public Task HoldBrieflyAsync(string name) => HoldAsync(name);

    public async Task HoldUntilCancelledAsync(string name, CancellationToken cancellationToken)
    {
        Facts.Set($"{name} began");
        try
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Facts.Set($"{name} cancelled");
            throw;
        }
    }

    public Task FailOneWayAsync(string name)
    {
        Facts.Set($"{name} ran");
        throw new InvalidOperationException("Nobody hears this.");
    }

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());

    public Task LingerAsync()
    {
        _lingers = true;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return _lingers ? Facts.WaitAsync($"{this.GetPrimaryKeyString()} may leave") : Task.CompletedTask;
    }
}
