using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Lifecycle;

public sealed class SiloLossTests
{
    [Fact]
    public Task The_requests_of_a_killed_silo_go_on_elsewhere_and_the_others_do_not_move() =>
        ShortLived(3).Scripted().RunAsync(async cluster =>
        {
            TestStream[] streams = await SubmitOnEachAsync(cluster, 3);
            TestStream lost = streams.Single(x => x.Answer.Plan!.Decode == cluster.Instance(2));
            cluster.Engine(2).Emit((lost.Request.Id, [1, 2]));
            await lost.NextAsync();

            await cluster.KillAsync(2);
            FakeEngine heir = await Task.WhenAny(Resumed(0), Resumed(1)).Unwrap().Within();
            heir.Finish(lost.Request.Id, RequestOutcome.CompletedStop, 3);
            foreach (TestStream stream in streams.Where(x => x != lost))
            {
                cluster.Engine(stream.Answer.Plan!.Decode).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 9);
                int[] kept = await AllAsync(stream);
                Assert.Equal([9], kept);
            }

            int[] moved = await AllAsync(lost);
            Assert.Equal([1, 2, 3], moved);
            await cluster.AssertSoundAsync();
            Assert.Equal((3, 3), (cluster.Outcomes[RequestOutcome.CompletedStop], cluster.Outcomes.Total));

            async Task<FakeEngine> Resumed(int silo)
            {
                while ((await cluster.Engine(silo).Started.ReadAsync()).Id != lost.Request.Id)
                {
                }

                return cluster.Engine(silo);
            }
        });

    [Fact]
    public Task After_a_silo_was_killed_new_requests_run_on_the_others() => ShortLived(3).RunAsync(async cluster =>
    {
        await cluster.KillAsync(1);

        for (int i = 0; i < 6; i++)
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(i));
            Assert.True(stream.Answer.Accepted, stream.Answer.Message);
            await stream.LastAsync();
            Assert.NotEqual(cluster.Instance(1), stream.Answer.Plan!.Decode);
        }
    });

    [Fact]
    public Task A_killed_gateway_silo_has_its_requests_cancelled_where_they_run() =>
        ShortLived(2).Scripted().EnginesOnlyOn(0).RunAsync(async cluster =>
        {
            TestGateway doomed = cluster.NewGateway(1);
            TestStream stream = await doomed.SubmitAsync(TestCluster.Request());
            FakeEngine engine = cluster.Engine(0);

            await cluster.KillAsync(1);
            engine.Emit((stream.Request.Id, [1]));

            await engine.WhenEmptyAsync().Within();
        });

    [Fact]
    public Task A_stopping_silo_finishes_its_requests_while_new_ones_go_elsewhere() =>
        InTurn(2).Scripted().RunAsync(async cluster =>
        {
            TestStream[] streams = await SubmitOnEachAsync(cluster, 2);
            TestStream leaving = streams.Single(x => x.Answer.Plan!.Decode == cluster.Instance(1));
            TestStream staying = streams.Single(x => x.Answer.Plan!.Decode == cluster.Instance(0));

            Task stopping = cluster.StopAsync(1);
            await cluster.Engine(1).DrainAsked.Within();
            TestStream next = await cluster.Gateway.SubmitAsync(TestCluster.Request(7));
            cluster.Engine(1).Finish(leaving.Request.Id, RequestOutcome.CompletedStop, 4);
            TokenChunk last = await leaving.LastAsync();
            await stopping.Within();

            Assert.Equal(RequestOutcome.CompletedStop, last.Outcome);
            Assert.Equal([4], leaving.Tokens);
            Assert.Equal(cluster.Instance(0), next.Answer.Plan!.Decode);
            foreach (TestStream stream in new[] { staying, next })
            {
                cluster.Engine(0).Finish(stream.Request.Id, RequestOutcome.CompletedStop);
                await stream.LastAsync();
            }

            // The registry may have lived on the silo that left; the next heartbeat finds its successor, which took over what its silo
            // saw last: the other instance with it, until that counts as dead.
            await cluster.ReportAsync(0);
            FleetSnapshot fleet = cluster.Service<Grains.Fleet.FleetView>(0).Current;
            Assert.Contains(cluster.Instance(0), fleet.Instances.Select(x => x.Descriptor.Id));
        });

    [Fact]
    public Task A_request_that_outlasts_the_drain_goes_on_elsewhere() => InTurn(3).Scripted().EnginesOnlyOn(1, 2)
        .With(x => (x.DrainTimeout, x.DrainLinger) = (TimeSpan.FromMilliseconds(50), TimeSpan.Zero)).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());
            int first = cluster.SiloOf(stream.Answer.Plan!.Decode);
            cluster.Engine(first).Emit((stream.Request.Id, [1]));

            await cluster.StopAsync(first);
            InferenceRequest resumed = await cluster.Engine(3 - first).Started.ReadAsync().AsTask().Within();
            cluster.Engine(3 - first).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 2);

            int[] tokens = await AllAsync(stream);
            Assert.Equal([1, 2], tokens);
            Assert.Equal([1], resumed.Resumed.ToArray());
            Assert.Equal(RequestOutcome.CompletedStop, await stream.OutcomeAsync());
            Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.CompletedStop], cluster.Outcomes.Total));
        });

    [Fact]
    public Task A_request_that_outlasts_the_drain_of_the_only_engine_ends_as_lost_and_its_gateway_is_told() =>
        ClusterScenario.Of(2).Scripted().EnginesOnlyOn(1).With(x =>
        {
            x.DrainTimeout = TimeSpan.FromMilliseconds(50);
            x.Requests.RecoveryTimeout = TimeSpan.FromMilliseconds(200);
        }).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

            await cluster.StopAsync(1);

            Assert.Equal(RequestOutcome.InstanceLost, (await stream.LastAsync()).Outcome);
        });

    [Fact]
    public Task A_drained_instance_takes_nothing_new_and_says_when_it_is_empty() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            IInstanceGrain instance = cluster.Grains.GetGrain<IInstanceGrain>(cluster.Instance(0).Value);

            Task drained = instance.DrainAsync();
            await cluster.Engine(0).DrainAsked.Within();
            TestStream refused = await cluster.Gateway.SubmitAsync(TestCluster.Request(2));
            bool early = drained.IsCompleted;
            cluster.Engine(0).Finish(stream.Request.Id, RequestOutcome.CompletedStop);
            await drained.Within();

            Assert.False(early);
            Assert.Equal(RequestOutcome.NoInstance, refused.Answer.Rejection);
        });

    [Fact]
    public Task A_lost_registry_is_rebuilt_by_heartbeats_and_no_request_is_lost_with_it() =>
        ShortLived(1).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            IFleetGrain fleet = cluster.Grains.GetGrain<IFleetGrain>(0);
            FleetSnapshot before = (await fleet.GetSnapshotAsync(default))!;

            await fleet.Cast<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
            await cluster.ReportAsync(0);
            FleetSnapshot after = (await fleet.GetSnapshotAsync(default))!;

            Assert.True(after.Version.CompareTo(before.Version) > 0);
            Assert.Equal([cluster.Instance(0)], after.Instances.Select(x => x.Descriptor.Id));
            cluster.Engine(0).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 3);
            Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
        });

    private static async Task<int[]> AllAsync(TestStream stream)
    {
        TokenChunk last = await stream.LastAsync();
        Assert.Equal(RequestOutcome.CompletedStop, last.Outcome);
        Assert.Empty(stream.Faults);
        return stream.Tokens;
    }

    // One request for each silo, whatever reports come in between.
    private static ClusterScenario InTurn(int silos) =>
        ClusterScenario.Of(silos).With(x => x.Routing.Policy = "round-robin");

    // Deaths are noticed after two seconds of silence.
    private static ClusterScenario ShortLived(int silos) => InTurn(silos).With(x =>
    {
        x.Fleet.ReportPeriod = TimeSpan.FromMilliseconds(100);
        x.Fleet.SuspectAfter = TimeSpan.FromSeconds(1);
        x.Fleet.DeadAfter = TimeSpan.FromSeconds(2);
        x.Requests.WatchPeriod = TimeSpan.FromMilliseconds(100);
    });

    private static async Task<TestStream[]> SubmitOnEachAsync(TestCluster cluster, int silos)
    {
        List<TestStream> streams = [];
        for (int i = 0; i < silos; i++)
        {
            streams.Add(await cluster.Gateway.SubmitAsync(TestCluster.Request(i)));
            Assert.True(streams[i].Answer.Accepted, streams[i].Answer.Message);
        }

        Assert.Equal(silos, streams.Select(x => x.Answer.Plan!.Decode).Distinct().Count());
        return [.. streams];
    }
}
