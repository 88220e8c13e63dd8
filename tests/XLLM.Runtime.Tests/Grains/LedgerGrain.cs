namespace XLLM.Runtime.Tests.Grains;

/// <summary>A grain with the older form of stored state.</summary>
public sealed class LedgerGrain : Grain<LedgerState>, ILedgerGrain
{
    public async Task<int> AddAsync(int amount)
    {
        State.Sum += amount;
        await WriteStateAsync();
        return State.Sum;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> ActivationAsync() => Task.FromResult(GrainContext.ActivationId.ToString());
}
