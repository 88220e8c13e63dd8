using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>Plans with two instances: silo 1 prefills, silos 2 and 3 decode.</summary>
public sealed class SplitPlanTests
{
    private static readonly ImmutableArray<BlockHash> Chain = [new(1, 1), new(2, 2)];

    [Fact]
    public Task The_decode_instance_has_the_request_before_its_prompt_is_pushed_there() => Scenario().RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(Request());
        FakeEngine decode = cluster.Engine(stream.Answer.Plan!.Decode);
        InferenceRequest started = await decode.Started.ReadAsync().AsTask().Within();
        InferenceRequest prefilled = await cluster.Engine(1).Prefills.ReadAsync().AsTask().Within();

        decode.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 1, 2);
        await stream.LastAsync();

        Assert.Equal(cluster.Instance(1), stream.Answer.Plan.Prefill);
        Assert.Equal((cluster.Instance(1), 2, true), (started.KvFrom!.Endpoint.Instance, started.KvFrom.Blocks, started.KvFrom.IsPush));
        Assert.Null(prefilled.KvFrom);
        Assert.Equal([1, 2], stream.Tokens);
    });

    [Fact]
    public Task A_prefill_instance_that_fails_costs_the_request_nothing() => Scenario().RunAsync(async cluster =>
    {
        cluster.Engine(1).OnPrefill = _ => throw new InvalidOperationException("the device is on fire");

        TestStream stream = await cluster.Gateway.SubmitAsync(Request());
        cluster.Engine(stream.Answer.Plan!.Decode).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 1);

        Assert.True(stream.Answer.Accepted);
        Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
        Assert.Equal(RequestOutcome.CompletedStop, await stream.OutcomeAsync());
        Assert.Equal(1, cluster.Outcomes.Total);
    });

    [Fact]
    public Task A_prefill_instance_that_is_killed_costs_the_request_nothing() => Scenario().RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(Request());
        FakeEngine decode = cluster.Engine(stream.Answer.Plan!.Decode);
        await cluster.KillAsync(1);

        decode.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 1);
        await stream.LastAsync();

        Assert.Equal(0, stream.Run);
        Assert.Equal([1], stream.Tokens);
    });

    [Fact]
    public Task A_decode_instance_that_is_killed_has_its_requests_go_on_at_the_other_one() => Scenario().RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(Request());
        int decode = cluster.SiloOf(stream.Answer.Plan!.Decode);
        cluster.Engine(decode).Emit((stream.Request.Id, [1, 2]));
        await stream.NextAsync();

        await cluster.KillAsync(decode);
        FakeEngine other = cluster.Engine(5 - decode);
        InferenceRequest resumed = await other.Started.ReadAsync().AsTask().Within();
        other.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 3);
        await stream.LastAsync();

        Assert.Equal([1, 2], resumed.Resumed.ToArray());
        Assert.Equal([1, 2, 3], stream.Tokens);
        Assert.Empty(stream.Faults);
    });

    [Fact]
    public Task A_prompt_without_hashes_is_not_moved_between_instances() => Scenario().RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(Request() with { BlockHashes = [] });
        FakeEngine decode = cluster.Engine(stream.Answer.Plan!.Decode);

        InferenceRequest started = await decode.Started.ReadAsync().AsTask().Within();
        decode.Finish(stream.Request.Id, RequestOutcome.CompletedStop);
        await stream.LastAsync();

        Assert.Null(started.KvFrom);
    });

    [Fact]
    public Task A_draining_instance_is_named_as_the_source_of_what_it_hands_over() => Scenario()
        .With(x => (x.DrainTimeout, x.DrainLinger) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(10))).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(Request());
            int decode = cluster.SiloOf(stream.Answer.Plan!.Decode);
            FakeEngine other = cluster.Engine(5 - decode);
            cluster.Engine(1).OnPrefill = _ => throw new InvalidOperationException("busy");
            cluster.Engine(1).Refusal = new LeaseResult { Refusal = RequestOutcome.RejectedCapacity };
            cluster.Engine(decode).Emit((stream.Request.Id, [.. Enumerable.Range(0, 9)]));
            await stream.NextAsync();

            await cluster.StopAsync(decode);
            InferenceRequest resumed = await other.Started.ReadAsync().AsTask().Within();
            other.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 9);
            await stream.LastAsync();

            Assert.Equal(10, stream.Tokens.Length);
            Assert.NotNull(resumed.KvFrom);
        });

    private static ClusterScenario Scenario() => FailoverCluster.Of(4).Engines(id => new FakeEngineOptions
    {
        Automatic = false,
        HasKvEndpoint = true,
        Role = id.SiloName.EndsWith('1') ? InstanceRole.Prefill : InstanceRole.Decode,
    });

    private static InferenceRequest Request() => TestCluster.Request(maxTokens: 20, promptTokens: 40) with { BlockHashes = Chain };
}
