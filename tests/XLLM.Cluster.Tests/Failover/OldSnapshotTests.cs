using XLLM.Contracts.Requests;
using XLLM.Grains.Fleet;
using XLLM.Scheduling.Fleet;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>A gateway that decides by what the fleet was like some time ago.</summary>
public sealed class OldSnapshotTests
{
    [Fact]
    public Task A_plan_for_an_earlier_life_of_an_instance_runs_on_the_new_one_and_only_once() =>
        Cluster(engines: 1).RunAsync(async cluster =>
        {
            FleetView view = cluster.Service<FleetView>(0);
            long before = view.Find(cluster.Instance(1))!.Descriptor.Epoch;
            await cluster.KillAsync(1);
            await cluster.RestartAsync(1, show: false);
            Assert.Equal(before, view.Find(cluster.Instance(1))!.Descriptor.Epoch);

            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());
            FakeEngine engine = cluster.Engine(1);
            engine.Emit((stream.Request.Id, [1]));
            await stream.NextAsync();
            await cluster.RefreshAsync();
            engine.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 2);
            await stream.LastAsync();

            Assert.Equal(engine.Descriptor.Epoch, stream.Answer.Plan!.Epoch);
            Assert.True(engine.Descriptor.Epoch > before);
            Assert.Equal([1, 2], stream.Tokens);
            Assert.Equal(RequestOutcome.CompletedStop, await stream.OutcomeAsync());
            Assert.True(engine.Started.TryRead(out _));
            Assert.False(engine.Started.TryRead(out _));
        });

    [Fact]
    public Task A_plan_for_an_instance_that_has_gone_goes_to_another() => Cluster(engines: 2).RunAsync(async cluster =>
    {
        await cluster.KillAsync(1);
        for (int i = 0; i < 4; i++)
        {
            Assert.NotNull(cluster.Service<FleetView>(0).Find(cluster.Instance(1)));
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(i));
            Assert.Equal(2, cluster.SiloOf(stream.Answer.Plan!.Decode));
            cluster.Engine(2).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 7);
            await stream.LastAsync();
            Assert.Equal([7], stream.Tokens);
        }
    });

    // Nobody looks by itself while the test lasts.
    private static ClusterScenario Cluster(int engines) => ClusterScenario.Of(engines + 1)
        .EnginesOnlyOn([.. Enumerable.Range(1, engines)]).Scripted().With(x =>
        {
            x.Routing.Policy = "round-robin";
            x.Fleet = new FleetOptions
            {
                ReportPeriod = TimeSpan.FromMinutes(1),
                SuspectAfter = TimeSpan.FromMinutes(2),
                DeadAfter = TimeSpan.FromMinutes(3),
            };
        });
}
