using Orleans.Placement;
using Orleans.Runtime;

namespace XLLM.Runtime.Tests.Grains;

[PreferLocalPlacement]
public sealed class LocalGrain(ILocalSiloDetails silo) : Grain, ILocalGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());
}
