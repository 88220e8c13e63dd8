using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Streaming;

public sealed class StreamingTests
{
    [Fact]
    public Task One_message_carries_all_chunks_of_a_step_for_one_gateway() => ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
    {
        FakeEngine engine = cluster.Engine(0);
        TestGateway other = cluster.NewGateway(0);
        TestStream a = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
        TestStream b = await cluster.Gateway.SubmitAsync(TestCluster.Request(2));
        TestStream c = await other.SubmitAsync(TestCluster.Request(3));

        engine.Emit((a.Request.Id, [1]), (b.Request.Id, [2]), (c.Request.Id, [3]));
        await Task.WhenAll(a.NextAsync(), b.NextAsync(), c.NextAsync());

        TokenBatch mine = Assert.Single(cluster.Gateway.Batches);
        TokenBatch others = Assert.Single(other.Batches);
        Assert.Equal([a.Request.Id, b.Request.Id], mine.Chunks.Select(x => x.Request));
        Assert.Equal([c.Request.Id], others.Chunks.Select(x => x.Request));
        Assert.Equal(cluster.Instance(0), mine.Instance);
        await FinishAsync(engine, a, b, c);
    });

    [Fact]
    public Task Steps_made_while_a_gateway_is_slow_share_the_next_message_in_order() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            var first = new TaskCompletionSource();
            var goOn = new TaskCompletionSource();
            cluster.Gateway.OnBatch = _ =>
            {
                first.TrySetResult();
                return goOn.Task;
            };
            FakeEngine engine = cluster.Engine(0);
            TestGateway quick = cluster.NewGateway(0);
            TestStream slow = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            TestStream other = await quick.SubmitAsync(TestCluster.Request(2));

            engine.Emit((slow.Request.Id, [10]));
            await first.Task.Within();
            for (int i = 1; i <= 3; i++)
            {
                engine.Emit((slow.Request.Id, [10 + i]), (other.Request.Id, [i]));
                await other.NextAsync();
            }

            goOn.SetResult();
            engine.Finish(slow.Request.Id, RequestOutcome.CompletedStop);
            await slow.LastAsync();

            Assert.Equal([10, 11, 12, 13], slow.Tokens);
            Assert.Equal([1, 2, 3], other.Tokens);
            Assert.True(cluster.Gateway.Batches[1].Chunks.Length >= 3);
            Assert.Empty(slow.Faults);
            await FinishAsync(engine, other);
        });

    [Fact]
    public Task A_gateway_that_is_gone_has_its_requests_cancelled_and_no_others() =>
        ClusterScenario.Of(1).Scripted().RunAsync(async cluster =>
        {
            FakeEngine engine = cluster.Engine(0);
            TestGateway gone = cluster.NewGateway(0);
            gone.OnBatch = _ => throw new ObjectDisposedException("gateway");
            gone.OnHandOver = _ => throw new ObjectDisposedException("gateway");
            TestStream lost = await gone.SubmitAsync(TestCluster.Request(1));
            TestStream lostToo = await gone.SubmitAsync(TestCluster.Request(2));
            TestStream kept = await cluster.Gateway.SubmitAsync(TestCluster.Request(3));

            engine.Emit((lost.Request.Id, [1]), (kept.Request.Id, [1]));
            await kept.NextAsync();
            engine.Finish(kept.Request.Id, RequestOutcome.CompletedLength, 2);
            await kept.LastAsync();
            await engine.WhenEmptyAsync().Within();
            Assert.Equal(RequestOutcome.Cancelled, await lost.OutcomeAsync());
            Assert.Equal(RequestOutcome.Cancelled, await lostToo.OutcomeAsync());
            await cluster.AssertSoundAsync();

            Assert.Equal([1, 2], kept.Tokens);
            Assert.Equal(2, cluster.Outcomes[RequestOutcome.Cancelled]);
            Assert.Equal(3, cluster.Outcomes.Total);
        });

    [Fact]
    public Task A_broken_way_to_a_gateway_that_lives_costs_its_requests_nothing() =>
        ClusterScenario.Of(2).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            InstanceId first = stream.Answer.Plan!.Decode;
            cluster.Engine(first).Emit((stream.Request.Id, [5]));
            await stream.NextAsync();
            InstanceId second = cluster.Instance(1 - cluster.SiloOf(first));

            cluster.Gateway.OnBatch = _ => throw new TimeoutException("the connection is gone");
            cluster.Engine(first).Emit((stream.Request.Id, [6]));
            InferenceRequest resumed = await cluster.Engine(second).Started.ReadAsync().AsTask().Within();
            cluster.Gateway.OnBatch = _ => Task.CompletedTask;
            await cluster.Engine(first).WhenEmptyAsync().Within();
            cluster.Engine(second).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 6, 7);
            await stream.LastAsync();

            Assert.Equal([5], resumed.Resumed.ToArray());
            Assert.Equal(1, resumed.Run);
            Assert.Equal([5, 6, 7], stream.Tokens);
            Assert.Empty(stream.Faults);
        });

    [Fact]
    public Task The_requests_of_an_engine_that_fails_go_on_elsewhere_and_it_gets_no_more() =>
        ClusterScenario.Of(2).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            InstanceId dead = stream.Answer.Plan!.Decode;
            InstanceId other = cluster.Instance(1 - cluster.SiloOf(dead));
            cluster.Engine(dead).Emit((stream.Request.Id, [5]));
            await stream.NextAsync();

            cluster.Engine(dead).Fail("a kernel has failed");
            InferenceRequest resumed = await cluster.Engine(other).Started.ReadAsync().AsTask().Within();
            cluster.Engine(other).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 6);
            await cluster.ReportAsync(cluster.SiloOf(dead));
            TestStream next = await cluster.Gateway.SubmitAsync(TestCluster.Request(2));

            Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
            Assert.Equal([5], resumed.Resumed.ToArray());
            Assert.Equal([5, 6], stream.Tokens);
            Assert.Equal(other, next.Answer.Plan!.Decode);
            await FinishAsync(cluster.Engine(other), next);
        });

    [Fact]
    public Task A_failed_engine_without_another_ends_its_requests_with_its_reason() =>
        ClusterScenario.Of(1).Scripted().With(x => x.Requests.RecoveryTimeout = TimeSpan.FromMilliseconds(100)).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            cluster.Engine(0).Emit((stream.Request.Id, [5]));
            await stream.NextAsync();

            cluster.Engine(0).Fail("a kernel has failed");
            TokenChunk last = await stream.LastAsync();

            Assert.Equal(RequestOutcome.EngineFailed, last.Outcome);
            Assert.Contains("a kernel has failed", last.Error);
            Assert.Equal([5], stream.Tokens);
        });

    private static async Task FinishAsync(FakeEngine engine, params TestStream[] streams)
    {
        foreach (TestStream stream in streams)
        {
            engine.Finish(stream.Request.Id, RequestOutcome.CompletedStop);
            await stream.LastAsync();
        }
    }
}
