using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Simulated;
using XLLM.Scheduling.Blocks;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Requests;

/// <summary>The same roads with real engine loops: batching, blocks, prefix cache and sampling over a simulated model.</summary>
public sealed class EngineLoopJourneyTests
{
    private static readonly SimulatedModelOptions Model = new() { Name = "demo", EndToken = -1 };

    [Fact]
    public Task Concurrent_requests_give_the_same_tokens_as_alone() =>
        Scenario(2).RunAsync(async cluster =>
        {
            InferenceRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => Greedy(i, maxTokens: 24))];
            List<int[]> alone = [];
            foreach (InferenceRequest request in requests)
            {
                alone.Add(await RunAsync(cluster.Gateway, request));
            }

            int[][] together = await Task.WhenAll(
                requests.Select(x => RunAsync(cluster.Gateway, x with { Id = RequestId.New() })));

            Assert.Equal(alone, together);
            Assert.All(together, x => Assert.Equal(24, x.Length));
            await cluster.AssertSoundAsync();
            Assert.Equal((24, 24), (cluster.Outcomes[RequestOutcome.CompletedLength], cluster.Outcomes.Total));
        });

    [Fact]
    public Task Random_cancels_leave_every_engine_sound() => Scenario(3).RunAsync(async cluster =>
    {
        const int Seed = 20260102;
        var random = new Random(Seed);
        TestGateway[] gateways = [cluster.Gateway, cluster.NewGateway(1), cluster.NewGateway(2)];
        (int Gateway, int CancelAfter)[] plan = [.. Enumerable.Range(0, 60).Select(_ => (random.Next(3), random.Next(-20, 20)))];

        TestStream[] streams = await Task.WhenAll(plan.Select(async (x, i) =>
        {
            // Those to be cancelled would run long enough for the cancel to come in time on any machine that is not stuck.
            TestStream stream = await gateways[x.Gateway].SubmitAsync(Greedy(i, maxTokens: x.CancelAfter < 0 ? 200 : 3000));
            for (int received = 0; received < x.CancelAfter;)
            {
                received += (await stream.NextAsync()).Tokens.Length;
            }

            if (x.CancelAfter >= 0)
            {
                await stream.Grain.EndAsync(RequestOutcome.Cancelled);
            }

            RequestOutcome expected = x.CancelAfter < 0 ? RequestOutcome.CompletedLength : RequestOutcome.Cancelled;
            Assert.Equal(expected, (await stream.LastAsync()).Outcome);
            return stream;
        }));
        await cluster.AssertSoundAsync();

        Assert.All(streams, x => Assert.Empty(x.Faults));
        Assert.Equal(plan.Length, cluster.Outcomes.Total);
        Assert.Equal(plan.Count(x => x.CancelAfter < 0), streams.Count(x => x.Tokens.Length == 200));
    });

    [Fact]
    public Task A_repeated_prompt_goes_back_to_the_instance_that_cached_it() => Scenario(3).RunAsync(async cluster =>
    {
        InferenceRequest request = Greedy(5, maxTokens: 4, promptTokens: 100);
        request = request with { BlockHashes = new BlockHasher(16).HashPrompt(request.PromptTokens.AsSpan()) };
        TestStream first = await cluster.Gateway.SubmitAsync(request);
        await first.LastAsync();
        for (int i = 0; i < 3; i++)
        {
            await cluster.ReportAsync(i);
        }

        TestStream second = await cluster.NewGateway(2).SubmitAsync(request with { Id = RequestId.New() });
        TokenChunk last = await second.LastAsync();

        Assert.Equal(first.Answer.Plan!.Decode, second.Answer.Plan!.Decode);
        Assert.Equal(96, second.Answer.Plan.ExpectedHitTokens);
        Assert.Equal(96, last.Usage!.CachedTokens);
        Assert.Equal(first.Tokens, second.Tokens);
    });

    private static ClusterScenario Scenario(int silos) => ClusterScenario.Of(silos).EnginesFrom(new SimulatedEngineFactory(Model));

    private static InferenceRequest Greedy(int seed, int maxTokens, int promptTokens = 40) =>
        TestCluster.Request(seed, maxTokens, promptTokens) with { Sampling = SamplingOptions.Greedy };

    private static async Task<int[]> RunAsync(TestGateway gateway, InferenceRequest request)
    {
        TestStream stream = await gateway.SubmitAsync(request);
        Assert.True(stream.Answer.Accepted, stream.Answer.Message);
        await stream.LastAsync();
        Assert.Empty(stream.Faults);
        return stream.Tokens;
    }
}
