using XLLM.Contracts.Grains;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Requests;

public sealed class JourneyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task Tokens_arrive_in_order_and_the_request_ends_once(int silos) => ClusterScenario.Of(silos).RunAsync(async cluster =>
    {
        InferenceRequest request = TestCluster.Request(maxTokens: 20);

        TestStream stream = await cluster.Gateway.SubmitAsync(request);
        TokenChunk last = await stream.LastAsync();

        Assert.True(stream.Answer.Accepted, stream.Answer.Message);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => FakeEngine.TokenAt(request, i)), stream.Tokens);
        Assert.Equal(RequestOutcome.CompletedLength, last.Outcome);
        Assert.Equal(20, last.Usage!.GeneratedTokens);
        Assert.Empty(stream.Faults);
        await cluster.AssertSoundAsync();
        Assert.Equal(RequestOutcome.CompletedLength, await stream.Grain.GetOutcomeAsync());
        Assert.Equal(1, cluster.Outcomes[RequestOutcome.CompletedLength]);
        Assert.Equal(1, cluster.Outcomes.Total);
    });

    [Fact]
    public Task A_request_that_runs_on_another_silo_streams_to_its_own_gateway() =>
        ClusterScenario.Of(2).EnginesOnlyOn(1).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(maxTokens: 5));

            await stream.LastAsync();

            Assert.Equal(cluster.Instance(1), stream.Answer.Plan!.Decode);
            Assert.Equal(5, stream.Tokens.Length);
            Assert.Empty(stream.Faults);
        });

    [Fact]
    public Task A_cancelled_request_frees_its_engine_and_ends_as_cancelled() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());
            cluster.Engine(0).Emit((stream.Request.Id, [7]));
            await stream.NextAsync();

            await stream.Grain.EndAsync(RequestOutcome.Cancelled);

            Assert.Equal(RequestOutcome.Cancelled, (await stream.LastAsync()).Outcome);
            Assert.Equal([7], stream.Tokens);
            await cluster.Engine(0).WhenEmptyAsync().Within();
            await cluster.AssertSoundAsync();
            Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.Cancelled], cluster.Outcomes.Total));
        });

    [Fact]
    public Task A_stop_string_found_by_the_gateway_ends_the_request_as_stopped() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

            await stream.Grain.EndAsync(RequestOutcome.CompletedStop);
            await stream.Grain.EndAsync(RequestOutcome.Cancelled);

            Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
            await cluster.AssertSoundAsync();
            Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.CompletedStop], cluster.Outcomes.Total));
        });

    [Fact]
    public Task An_end_while_the_lease_is_being_reserved_is_honoured_and_leaves_no_lease() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            var reached = new TaskCompletionSource();
            var goOn = new TaskCompletionSource();
            cluster.Engine(0).OnReserve = _ =>
            {
                reached.TrySetResult();
                return goOn.Task;
            };
            InferenceRequest request = TestCluster.Request();
            TestStream stream = cluster.Gateway.Open(request);
            Task<TestStream> submit = cluster.Gateway.SubmitAsync(request);
            await reached.Task.Within();

            await stream.Grain.EndAsync(RequestOutcome.Cancelled).Within();
            goOn.SetResult();

            Assert.Equal(RequestOutcome.Cancelled, (await submit).Answer.Rejection);
            Assert.Equal(RequestOutcome.Cancelled, await stream.Grain.GetOutcomeAsync());
            Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.Cancelled], cluster.Outcomes.Total));
        });

    [Fact]
    public Task An_end_while_the_engine_is_starting_the_request_ends_it_there() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            var reached = new TaskCompletionSource();
            var goOn = new TaskCompletionSource();
            cluster.Engine(0).OnStart = _ =>
            {
                reached.TrySetResult();
                return goOn.Task;
            };
            InferenceRequest request = TestCluster.Request();
            TestStream stream = cluster.Gateway.Open(request);
            Task<TestStream> submit = cluster.Gateway.SubmitAsync(request);
            await reached.Task.Within();

            await stream.Grain.EndAsync(RequestOutcome.CompletedStop).Within();
            goOn.SetResult();

            Assert.True((await submit).Answer.Accepted);
            Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
        });

    [Fact]
    public Task An_end_that_overtakes_its_submit_is_honoured() => ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
    {
        InferenceRequest request = TestCluster.Request();
        TestStream stream = cluster.Gateway.Open(request);

        await stream.Grain.EndAsync(RequestOutcome.Cancelled).Within();
        await cluster.Gateway.SubmitAsync(request);

        Assert.Equal(RequestOutcome.Cancelled, stream.Answer.Rejection);
    });

    [Fact]
    public Task A_second_submit_is_refused_while_it_runs_and_after_it_has_ended() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            InferenceRequest request = TestCluster.Request();
            TestStream stream = await cluster.Gateway.SubmitAsync(request);
            IRequestGrain grain = stream.Grain;

            SubmitResult during = await grain.SubmitAsync(request, cluster.Gateway.Reference);
            cluster.Engine(0).Finish(request.Id, RequestOutcome.CompletedStop, 1, 2);
            await stream.LastAsync();
            await cluster.AssertSoundAsync();
            SubmitResult after = await grain.SubmitAsync(request, cluster.Gateway.Reference);

            Assert.Equal(RequestOutcome.RejectedInvalid, during.Rejection);
            Assert.Equal(RequestOutcome.RejectedInvalid, after.Rejection);
            Assert.Equal([1, 2], stream.Tokens);
            Assert.Equal(1, cluster.Outcomes.Total);
        });

    [Fact]
    public Task A_request_submitted_to_the_grain_of_another_is_refused() => ClusterScenario.Of(1).RunAsync(async cluster =>
    {
        IRequestGrain other = cluster.Grains.GetGrain<IRequestGrain>("req-other");

        SubmitResult result = await other.SubmitAsync(TestCluster.Request(), cluster.Gateway.Reference);

        Assert.Equal(RequestOutcome.RejectedInvalid, result.Rejection);
    });

    [Fact]
    public Task A_slow_reader_pauses_and_resumes_its_request() => ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
    {
        FakeEngine engine = cluster.Engine(0);
        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

        await stream.Grain.SetPausedAsync(true);
        await stream.Grain.SetPausedAsync(false);

        Assert.Equal((stream.Request.Id, true), await engine.Pauses.ReadAsync().AsTask().Within());
        Assert.Equal((stream.Request.Id, false), await engine.Pauses.ReadAsync().AsTask().Within());
        engine.Finish(stream.Request.Id, RequestOutcome.CompletedStop);
        await stream.LastAsync();
    });

    [Fact]
    public Task Encoding_is_not_available_without_a_vision_tower() => ClusterScenario.Of(1).RunAsync(async cluster =>
    {
        IEncodeGrain encode = cluster.Grains.GetGrain<IEncodeGrain>(cluster.Instance(0).Value);

        Assert.Equal("The model 'demo' has no vision tower.", await encode.WhyUnavailableAsync());
    });

    [Fact]
    public Task Many_requests_with_random_cancels_each_end_in_one_outcome() =>
        ClusterScenario.Of(3).Scripted().RunAsync(async cluster =>
        {
            const int Count = 90;
            const int Seed = 20260101;
            var random = new Random(Seed);
            TestGateway[] gateways = [cluster.Gateway, cluster.NewGateway(1), cluster.NewGateway(2)];
            (InferenceRequest Request, int Gateway, int Tokens, bool Cancel)[] plan =
            [
                .. Enumerable.Range(0, Count).Select(i =>
                    (TestCluster.Request(i, maxTokens: 50), random.Next(3), random.Next(1, 30), random.Next(3) == 0)),
            ];

            TestStream[] streams = await Task.WhenAll(plan.Select(x => gateways[x.Gateway].SubmitAsync(x.Request)));
            await Task.WhenAll(plan.Select((x, i) => Task.Run(async () =>
            {
                FakeEngine engine = cluster.Engine(streams[i].Answer.Plan!.Decode);
                for (int t = 0; t < x.Tokens; t++)
                {
                    engine.Emit((x.Request.Id, [t]));
                }

                if (x.Cancel)
                {
                    await streams[i].Grain.EndAsync(RequestOutcome.Cancelled);
                }
                else
                {
                    engine.Finish(x.Request.Id, RequestOutcome.CompletedStop);
                }

                await streams[i].LastAsync();
            })));
            await cluster.AssertSoundAsync();

            Assert.All(streams, x => Assert.Empty(x.Faults));
            Assert.Equal(plan.Select(x => x.Tokens), streams.Select(x => x.Tokens.Length));
            Assert.Equal(Count, cluster.Outcomes.Total);
            Assert.Equal(plan.Count(x => x.Cancel), cluster.Outcomes[RequestOutcome.Cancelled]);
        });
}
