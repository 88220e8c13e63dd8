using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class CounterGrain(ILocalSiloDetails silo) : Grain, ICounterGrain
{
    private int _count;

    public async Task IncrementAsync()
    {
        var count = _count;
        await Task.Yield();
        _count = count + 1;
    }

    public Task<int> GetAsync() => Task.FromResult(_count);

    public Task<string> GetActivationIdAsync() => Task.FromResult(GrainContext.ActivationId.ToString());

    public Task<SiloAddressText> WhereAsync() => Task.FromResult(new SiloAddressText(silo.SiloAddress.ToString()));

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return Task.CompletedTask;
    }
}
