using System.Collections.Immutable;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Scheduling.Prefix;

namespace XLLM.Grains.Prefix;

/// <summary>One partition of the block index, in memory: a hint that is rebuilt from the instances' events.</summary>
[GrainType("xllm.kvowner")]
internal sealed class KvBlockOwnerGrain : Grain, IKvBlockOwnerGrain
{
    private readonly BlockOwnerIndex _index = new();

    public Task<bool> UpdateAsync(BlockEvents events)
    {
        _index.Update(events);
        return Task.FromResult(true);
    }

    public Task<ImmutableArray<PrefixHit>> FindAsync(ImmutableArray<BlockHash> chain) =>
        Task.FromResult(_index.Find(chain.AsSpan()));

    public Task ForgetAsync(InstanceId instance)
    {
        _index.Forget(instance);
        return Task.CompletedTask;
    }
}
