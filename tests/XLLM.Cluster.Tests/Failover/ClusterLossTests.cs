using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>Losses of more than one part at once, under load, with real engine loops.</summary>
public sealed class ClusterLossTests
{
    private const int Load = 16;

    // One of the silos carries the registry, whichever: it is lost together with its engine in one of the cases.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public Task The_registry_may_be_lost_together_with_an_engine(int victim) =>
        FailoverCluster.Of(3).EnginesOnlyOn(0, 1, 2).EnginesFrom(Slow(out _)).RunAsync(async cluster =>
        {
            TestGateway gateway = cluster.NewGateway((victim + 1) % 3);
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(gateway, requests);

            Task<TestStream[]> running = RunAsync(gateway, requests);
            await cluster.KillAsync(victim);

            await AssertSameAsync(expected, await running);
        });

    [Fact]
    public Task Two_gateways_lose_the_same_engine_and_neither_loses_a_request() =>
        FailoverCluster.Of(4).EnginesOnlyOn(2, 3).EnginesFrom(Slow(out _)).RunAsync(async cluster =>
        {
            TestGateway[] gateways = [cluster.Gateway, cluster.NewGateway(1)];
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(gateways[0], requests);

            Task<TestStream[]>[] running = [.. gateways.Select(x => RunAsync(x, requests))];
            await cluster.KillAsync(2);

            foreach (Task<TestStream[]> streams in running)
            {
                await AssertSameAsync(expected, await streams);
            }
        });

    [Fact]
    public Task A_killed_gateway_takes_its_own_requests_with_it_and_no_others() =>
        FailoverCluster.Of(4).EnginesOnlyOn(2, 3).EnginesFrom(Slow(out _)).RunAsync(async cluster =>
        {
            TestGateway doomed = cluster.NewGateway(1);
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(cluster.Gateway, requests);

            Task<TestStream[]> running = RunAsync(cluster.Gateway, requests);
            await Task.WhenAll(requests.Select(x => doomed.SubmitAsync(x with { Id = RequestId.New() })));
            await cluster.KillAsync(1);

            await AssertSameAsync(expected, await running);
        });

    [Fact]
    public Task A_drain_under_load_moves_what_it_does_not_finish() => FailoverCluster.Of(3).EnginesFrom(Slow(out _))
        .With(x => (x.DrainTimeout, x.DrainLinger) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(10)))
        .RunAsync(async cluster =>
        {
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(cluster.Gateway, requests);

            Task<TestStream[]> running = RunAsync(cluster.Gateway, requests);
            await cluster.StopAsync(1);

            await AssertSameAsync(expected, await running);
        });

    [Fact]
    public Task A_rolling_restart_of_all_engines_under_load_loses_nothing() => FailoverCluster.Of(3).EnginesFrom(Slow(out _))
        .With(x => (x.DrainTimeout, x.DrainLinger) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(10)))
        .RunAsync(async cluster =>
        {
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(cluster.Gateway, requests);
            bool over = false;
            Task<List<TestStream[]>> running = Task.Run(async () =>
            {
                List<TestStream[]> rounds = [];
                while (!Volatile.Read(ref over))
                {
                    rounds.Add(await RunAsync(cluster.Gateway, requests));
                }

                return rounds;
            });

            foreach (int silo in new[] { 1, 2 })
            {
                await cluster.StopAsync(silo);
                await cluster.RestartAsync(silo);
            }

            Volatile.Write(ref over, true);
            foreach (TestStream[] round in await running.Within())
            {
                await AssertSameAsync(expected, round);
            }
        });

    [Fact]
    public Task When_all_engines_are_lost_requests_wait_for_one_to_come_back() =>
        FailoverCluster.Of(3).EnginesFrom(Slow(out _)).RunAsync(async cluster =>
        {
            InferenceRequest[] requests = Requests();
            TestStream[] expected = await RunAsync(cluster.Gateway, requests);

            TestStream[] streams = await Task.WhenAll(requests.Select(x => cluster.Gateway.SubmitAsync(x with { Id = RequestId.New() })));
            await Task.WhenAll(cluster.KillAsync(1), cluster.KillAsync(2));
            await cluster.RestartAsync(1);

            await AssertSameAsync(expected, streams);
        });

    [Fact]
    public Task Losses_are_bounded_and_the_client_is_told() =>
        FailoverCluster.Of(3).EnginesFrom(Slow(out _)).With(x => x.Requests.MaxRecoveries = 0).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(FailoverCluster.Request(maxTokens: 2000));
            await stream.NextAsync();

            await cluster.KillAsync(cluster.SiloOf(stream.Answer.Plan!.Decode));
            TokenChunk last = await stream.LastAsync();

            Assert.Equal(RequestOutcome.InstanceLost, last.Outcome);
            Assert.Contains("lost 1 instances, which is more than it may", last.Error);
            Assert.Equal(RequestOutcome.InstanceLost, await stream.OutcomeAsync());
        });

    [Fact]
    public Task A_request_that_is_ended_while_it_waits_for_an_instance_ends_so() =>
        FailoverCluster.Of(2).EnginesFrom(Slow(out _)).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(FailoverCluster.Request(maxTokens: 2000));
            await stream.NextAsync();
            await cluster.KillAsync(1);
            var handedOver = new TaskCompletionSource();
            cluster.Gateway.OnHandOver = _ =>
            {
                handedOver.TrySetResult();
                return Task.CompletedTask;
            };
            await handedOver.Task.Within();

            await stream.Grain.EndAsync(RequestOutcome.Cancelled);

            Assert.Equal(RequestOutcome.Cancelled, (await stream.LastAsync()).Outcome);
            Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.Cancelled], cluster.Outcomes.Total));
        });

    // A step takes long enough for a kill to come between two of them.
    private static SimulatedEngineFactory Slow(out SimulatedEngineFactory factory) => factory = new(FailoverCluster.Model)
    {
        OnStep = (_, _) =>
        {
            Thread.SpinWait(20_000);
            return Task.CompletedTask;
        },
    };

    private static InferenceRequest[] Requests() => [.. Enumerable.Range(1, Load).Select(i => FailoverCluster.Request(i, maxTokens: 60))];

    private static async Task<TestStream[]> RunAsync(TestGateway gateway, InferenceRequest[] requests)
    {
        TestStream[] streams = await Task.WhenAll(requests.Select(x => gateway.SubmitAsync(x with { Id = RequestId.New() })));
        await Task.WhenAll(streams.Select(x => x.LastAsync()));
        return streams;
    }

    private static async Task AssertSameAsync(TestStream[] expected, TestStream[] streams)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(streams[i].Answer.Accepted, streams[i].Answer.Message);
            await FailoverCluster.AssertSameAsync(expected[i], streams[i]);
        }
    }
}
