using System.Collections.Immutable;
using Orleans.Runtime;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Routing;

public sealed class BlockOwnerTests
{
    private static readonly BlockHash Root = new(0xA1, 1);

    [Fact]
    public Task A_lost_owner_is_told_everything_again_with_the_next_change() => ClusterScenario.Of(2).RunAsync(async cluster =>
    {
        IKvBlockOwnerGrain owner = cluster.Grains.GetGrain<IKvBlockOwnerGrain>(IKvBlockOwnerGrain.PartitionOf(Root));
        ImmutableArray<BlockHash> chain = [Root, new(1, 2), new(1, 3)];
        cluster.Engine(0).Store([.. chain[..2]]);
        await cluster.ReportAsync(0);
        Assert.Equal(2, (await owner.FindAsync(chain))[0].Blocks);

        await owner.Cast<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
        Assert.Empty(await owner.FindAsync(chain));
        cluster.Engine(0).Store([.. chain]);
        await cluster.ReportAsync(0);

        PrefixHit hit = Assert.Single(await owner.FindAsync(chain));
        Assert.Equal((cluster.Instance(0), 3), (hit.Instance, hit.Blocks));
    });

    [Fact]
    public Task A_dead_instance_is_forgotten_by_the_owners() => ClusterScenario.Of(3).EnginesOnlyOn(1, 2)
        .With(x => x.Fleet = Scheduling.Fleet.FleetOptions.ForCluster()).RunAsync(async cluster =>
        {
            IKvBlockOwnerGrain owner = cluster.Grains.GetGrain<IKvBlockOwnerGrain>(IKvBlockOwnerGrain.PartitionOf(Root));
            cluster.Engine(1).Store(Root);
            await cluster.ReportAsync(1);
            Assert.Single(await owner.FindAsync([Root]));

            await cluster.KillAsync(1);
            while (await RemembersAsync(owner, cluster))
            {
            }
        });

    // The owner or the registry may be on the silo that dies: calls are refused, or not answered, until the others know.
    private static async Task<bool> RemembersAsync(IKvBlockOwnerGrain owner, TestCluster cluster)
    {
        try
        {
            await cluster.RefreshAsync();
            return (await owner.FindAsync([Root])).Length > 0;
        }
        catch (Exception e) when (e is OrleansMessageRejectionException or TimeoutException)
        {
            return true;
        }
    }
}
