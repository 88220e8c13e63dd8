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
            TestStream lost = await gone.SubmitAsync(TestCluster.Request(1));
            TestStream lostToo = await gone.SubmitAsync(TestCluster.Request(2));
            TestStream kept = await cluster.Gateway.SubmitAsync(TestCluster.Request(3));

            engine.Emit((lost.Request.Id, [1]), (kept.Request.Id, [1]));
            await kept.NextAsync();
            engine.Finish(kept.Request.Id, RequestOutcome.CompletedLength, 2);
            await kept.LastAsync();
            await engine.WhenEmptyAsync().Within();
            await cluster.AssertSoundAsync();

            Assert.Equal([1, 2], kept.Tokens);
            Assert.Equal(2, cluster.Outcomes[RequestOutcome.Cancelled]);
            Assert.Equal(3, cluster.Outcomes.Total);
            Assert.Equal(RequestOutcome.Cancelled, await lostToo.Grain.GetOutcomeAsync());
        });

    [Fact]
    public Task An_engine_that_dies_ends_its_requests_as_failed_and_gets_no_more() =>
        ClusterScenario.Of(2).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            InstanceId dead = stream.Answer.Plan!.Decode;
            FakeEngine engine = cluster.Engine(dead);
            engine.Emit((stream.Request.Id, [5]));
            await stream.NextAsync();

            engine.Fail("a kernel has failed");
            TokenChunk last = await stream.LastAsync();
            await cluster.ReportAsync(cluster.SiloOf(dead));
            TestStream next = await cluster.Gateway.SubmitAsync(TestCluster.Request(2));

            Assert.Equal(RequestOutcome.EngineFailed, last.Outcome);
            Assert.Contains("a kernel has failed", last.Error);
            Assert.Equal(1, last.FirstIndex);
            Assert.NotEqual(dead, next.Answer.Plan!.Decode);
            await FinishAsync(cluster.Engine(next.Answer.Plan.Decode), next);
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
