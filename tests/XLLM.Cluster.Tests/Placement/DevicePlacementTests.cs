using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Testing;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Placement;

public sealed class DevicePlacementTests
{
    [Fact]
    public Task Instance_grains_live_on_the_silo_that_has_their_device_whoever_calls_first() =>
        ClusterScenario.Of(3).RunAsync(async cluster =>
        {
            for (int caller = 0; caller < 3; caller++)
            {
                for (int owner = 0; owner < 3; owner++)
                {
                    // A grain on the wrong silo would not find the engine there, and say so.
                    IInstanceGrain grain = cluster.Service<IGrainFactory>(caller)
                        .GetGrain<IInstanceGrain>(cluster.Instance(owner).Value);
                    InstanceStatus status = await grain.DescribeAsync().Within();
                    Assert.Equal(cluster.Instance(owner), status.Descriptor.Id);
                }
            }
        });

    [Fact]
    public Task A_device_that_no_silo_has_is_a_clear_error() => ClusterScenario.Of(2).RunAsync(async cluster =>
    {
        IInstanceGrain nowhere = cluster.Grains.GetGrain<IInstanceGrain>("silo-9/cuda7");

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => nowhere.DescribeAsync());

        Assert.Contains("No active silo has the device of instance 'silo-9/cuda7'", error.ToString());
    });
}
