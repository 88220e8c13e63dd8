using Orleans.Placement;

namespace XLLM.Compat.Tests.Speed;

[PreferLocalPlacement]
public sealed class PingGrain : Grain, IPingGrain
{
    public Task<int> PingAsync(int number) => Task.FromResult(number);
}
