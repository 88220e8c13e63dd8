using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Routing;

public sealed class RoutingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_prompt_goes_to_the_instance_that_holds_its_prefix(int holder) => ClusterScenario.Of(3).RunAsync(async cluster =>
    {
        ImmutableArray<BlockHash> chain = [new(0xA1, 1), new(0xB2, 2), new(0xC3, 3)];
        cluster.Engine(holder).Store([.. chain]);
        await cluster.ReportAsync(holder);

        TestStream stream = await cluster.Gateway.SubmitAsync(
            TestCluster.Request(promptTokens: 60) with { BlockHashes = [.. chain, new(0xD4, 4)] });
        await stream.LastAsync();

        Assert.Equal(cluster.Instance(holder), stream.Answer.Plan!.Decode);
        Assert.Equal(48, stream.Answer.Plan.ExpectedHitTokens);
        Assert.Equal("cache-aware", stream.Answer.Plan.Policy);
    });

    [Fact]
    public Task A_burst_between_two_reports_is_spread_over_the_instances() =>
        ClusterScenario.Of(3).Scripted().With(x => x.Fleet.ReportPeriod = TimeSpan.FromSeconds(15)).RunAsync(async cluster =>
        {
            TestStream[] streams = new TestStream[9];
            for (int i = 0; i < streams.Length; i++)
            {
                streams[i] = await cluster.Gateway.SubmitAsync(TestCluster.Request(i));
            }

            Assert.Equal([3, 3, 3], streams.GroupBy(x => x.Answer.Plan!.Decode).Select(x => x.Count()));
            foreach (TestStream stream in streams)
            {
                cluster.Engine(stream.Answer.Plan!.Decode).Finish(stream.Request.Id, RequestOutcome.CompletedStop);
                await stream.LastAsync();
            }
        });

    [Fact]
    public Task The_policy_is_chosen_by_configuration() =>
        ClusterScenario.Of(2).With(x => x.Routing.Policy = "round-robin").RunAsync(async cluster =>
        {
            List<InstanceId> chosen = [];
            for (int i = 0; i < 4; i++)
            {
                TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(i));
                await stream.LastAsync();
                chosen.Add(stream.Answer.Plan!.Decode);
            }

            Assert.Equal([cluster.Instance(0), cluster.Instance(1), cluster.Instance(0), cluster.Instance(1)], chosen);
        });

    [Fact]
    public Task A_request_that_goes_on_is_placed_by_the_recovery_planner_where_latencies_are_known() =>
        ClusterScenario.Of(3).Engines(new FakeEngineOptions { HasKvEndpoint = true, Profile = Profile }).RunAsync(async cluster =>
        {
            ImmutableArray<BlockHash> chain = [new(0xA1, 1), new(0xB2, 2), new(0xC3, 3)];
            cluster.Engine(1).Store([.. chain]);
            await cluster.ReportAsync(1);

            RouteResult route = await cluster.Grains.GetGrain<IRouterGrain>(0).PlanAsync(new RouteRequest
            {
                Request = RequestId.New(),
                Model = "demo",
                PromptTokens = 40,
                ResumedTokens = 20,
                MaxTokens = 10,
                BlockHashes = chain,
                Excluded = [cluster.Instance(0)],
            });

            Assert.Equal("recovery", route.Plan!.Policy);
            Assert.Equal(cluster.Instance(1), route.Plan.Decode);
            Assert.Equal(48, route.Plan.ExpectedHitTokens);
            Assert.Equal(cluster.Engine(1).Descriptor.Epoch, route.Plan.Epoch);
        });

    private static LatencyProfile Profile { get; } = new()
    {
        Prefill = [.. Enumerable.Range(1, 8).Select(i => new PrefillSample(i * 64, 0, 0.01 * i))],
        Decode = [.. Enumerable.Range(1, 8).Select(i => new DecodeSample(i * 100, i, 0.01 + (0.001 * i)))],
    };
}
