using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Grains.Placement;
using XLLM.Scheduling.Prefix;

namespace XLLM.Grains.Prefix;

/// <summary>
/// One partition of the block index, in memory: a hint that is rebuilt from the instances' events. A new activation knows
/// nothing and asks every instance for everything with its first answer to it.
/// </summary>
[GatewayPlacement]
[GrainType("xllm.kvowner")]
internal sealed partial class KvBlockOwnerGrain(
    GatewayHome home, IOptions<BlockOwnerOptions> options, ILogger<KvBlockOwnerGrain> logger) : Grain, IKvBlockOwnerGrain
{
    private const int MaxSegments = 2000;

    private readonly BlockOwnerIndex _index = new(options.Value.MaxBlocks);

    public Task<bool> UpdateAsync(BlockEvents events)
    {
        if (home.ShouldMove)
        {
            DeactivateOnIdle();
        }

        OwnerUpdate update = _index.Update(events);
        if (update != OwnerUpdate.Applied)
        {
            Refused(this.GetPrimaryKeyLong(), events.Instance, events.Epoch, events.Sequence, update);
        }

        return Task.FromResult(update != OwnerUpdate.Gap);
    }

    public Task<ImmutableArray<PrefixHit>> FindAsync(ImmutableArray<BlockHash> chain) =>
        Task.FromResult(_index.Find(chain.AsSpan()));

    public Task<PrefixTree> GetTreeAsync(int maxSegments) => Task.FromResult(_index.Tree(Math.Clamp(maxSegments, 1, MaxSegments)));

    public Task ForgetAsync(InstanceId instance, long epoch)
    {
        _index.Forget(instance, epoch);
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Debug, "Block owner {Partition} does not take message {Sequence} of {Instance} epoch {Epoch}: {Update}.")]
    private partial void Refused(long partition, InstanceId instance, long epoch, long sequence, OwnerUpdate update);
}
