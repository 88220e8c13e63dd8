using Orleans.Placement;

namespace XLLM.Compat.Tests.Sockets;

[PreferLocalPlacement]
public sealed class HeavyGrain : Grain, IHeavyGrain
{
    public Task<int> TakeAsync(byte[] bytes) => Task.FromResult(bytes.Length);
}
