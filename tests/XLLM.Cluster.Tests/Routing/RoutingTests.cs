using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
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
}
