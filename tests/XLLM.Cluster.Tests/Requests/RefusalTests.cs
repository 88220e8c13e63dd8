using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Requests;

public sealed class RefusalTests
{
    [Fact]
    public Task A_full_queue_is_refused_with_the_time_to_come_again() =>
        ClusterScenario.Of(1).Engines(new FakeEngineOptions { Automatic = false, Capacity = 1 }).RunAsync(async cluster =>
        {
            TestStream first = await cluster.Gateway.SubmitAsync(TestCluster.Request(1));
            TestStream second = await cluster.Gateway.SubmitAsync(TestCluster.Request(2));

            Assert.True(first.Answer.Accepted);
            Assert.Equal(RequestOutcome.RejectedCapacity, second.Answer.Rejection);
            Assert.Equal(TimeSpan.FromSeconds(2), second.Answer.RetryAfter);
            Assert.Equal(1, cluster.Outcomes[RequestOutcome.RejectedCapacity]);
            cluster.Engine(0).Finish(first.Request.Id, RequestOutcome.CompletedStop);
            await first.LastAsync();
        });

    [Fact]
    public Task Of_two_full_instances_the_sooner_time_is_told() => ClusterScenario.Of(2)
        .Engines(x => new FakeEngineOptions { Capacity = 0, RetryAfter = TimeSpan.FromSeconds(x.SiloName.EndsWith('0') ? 9 : 3) })
        .RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

            Assert.Equal(RequestOutcome.RejectedCapacity, stream.Answer.Rejection);
            Assert.Equal(TimeSpan.FromSeconds(3), stream.Answer.RetryAfter);
            Assert.Equal(1, cluster.Outcomes.Total);
        });

    [Fact]
    public Task An_unknown_model_is_refused_with_the_names_of_those_served() => ClusterScenario.Of(1).RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(model: "gpt-9"));

        Assert.Equal(RequestOutcome.ModelNotFound, stream.Answer.Rejection);
        Assert.Contains("Served: demo.", stream.Answer.Message);
        Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.ModelNotFound], cluster.Outcomes.Total));
    });

    [Fact]
    public Task A_cluster_without_engines_has_no_instance() => ClusterScenario.Of(1).EnginesOnlyOn().RunAsync(async cluster =>
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

        Assert.Equal(RequestOutcome.NoInstance, stream.Answer.Rejection);
    });

    [Fact]
    public Task An_instance_that_refuses_is_excluded_and_another_takes_the_request() => ClusterScenario.Of(3).RunAsync(async cluster =>
    {
        var refusal = new LeaseResult { Refusal = RequestOutcome.RejectedCapacity, Message = "full", RetryAfter = TimeSpan.FromSeconds(1) };
        cluster.Engine(0).Refusal = refusal;
        cluster.Engine(1).Refusal = refusal;

        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());
        await stream.LastAsync();

        Assert.Equal(cluster.Instance(2), stream.Answer.Plan!.Decode);
        await cluster.AssertSoundAsync();
        Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.CompletedLength], cluster.Outcomes.Total));
    });

    [Fact]
    public Task A_start_that_fails_is_withdrawn_and_the_request_runs_elsewhere() => ClusterScenario.Of(3).RunAsync(async cluster =>
    {
        cluster.Engine(0).OnStart = _ => throw new InvalidOperationException("the device is on fire");
        cluster.Engine(1).LeasesGoStale = true;

        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());
        await stream.LastAsync();

        Assert.Equal(cluster.Instance(2), stream.Answer.Plan!.Decode);
        Assert.Empty(stream.Faults);
    });

    [Fact]
    public Task When_every_start_fails_the_reason_is_told_and_nothing_is_left() => ClusterScenario.Of(1).RunAsync(async cluster =>
    {
        cluster.Engine(0).OnStart = _ => throw new InvalidOperationException("the device is on fire");

        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

        Assert.Equal(RequestOutcome.EngineFailed, stream.Answer.Rejection);
        Assert.Contains("the device is on fire", stream.Answer.Message);
        Assert.Equal((1, 1), (cluster.Outcomes[RequestOutcome.EngineFailed], cluster.Outcomes.Total));
    });

    [Fact]
    public Task Attempts_are_bounded() => ClusterScenario.Of(3).With(x => x.Routing.MaxAttempts = 2).RunAsync(async cluster =>
    {
        int reserved = 0;
        for (int i = 0; i < 3; i++)
        {
            cluster.Engine(i).Refusal = new LeaseResult { Refusal = RequestOutcome.RejectedCapacity, Message = "full" };
            cluster.Engine(i).OnReserve = _ =>
            {
                Interlocked.Increment(ref reserved);
                return Task.CompletedTask;
            };
        }

        TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request());

        Assert.Equal(RequestOutcome.RejectedCapacity, stream.Answer.Rejection);
        Assert.Equal(2, reserved);
    });
}
