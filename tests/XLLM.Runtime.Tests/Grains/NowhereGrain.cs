using Orleans.Runtime;

namespace XLLM.Runtime.Tests.Grains;

[NobodyFilter(1)]
public sealed class NowhereGrain(ILocalSiloDetails silo) : Grain, INowhereGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());
}
