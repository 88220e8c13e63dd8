using System.Net;
using System.Net.Sockets;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Grains.Fleet;
using XLLM.Scheduling.Fleet;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>An instance that was only silent, and comes back.</summary>
public sealed class FalseAlarmTests
{
    [Fact]
    public Task One_that_comes_back_has_lost_its_requests_and_takes_new_ones() =>
        FailoverCluster.Of(3).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(maxTokens: 10));
            int paused = cluster.SiloOf(stream.Answer.Plan!.Decode);
            FakeEngine old = cluster.Engine(paused);
            FakeEngine heir = cluster.Engine(3 - paused);
            old.Emit((stream.Request.Id, [1, 2]));
            await stream.NextAsync();

            var goOn = new TaskCompletionSource();
            old.Silence = goOn.Task;
            InferenceRequest resumed = await heir.Started.ReadAsync().AsTask().Within();
            await old.WhenEmptyAsync().Within();
            heir.Emit((stream.Request.Id, [3]));
            await stream.NextAsync();
            Assert.Equal(InstanceHealth.Dead, HealthOf(cluster, paused));

            goOn.SetResult();
            old.Silence = Task.CompletedTask;
            while (HealthOf(cluster, paused) != InstanceHealth.Ready)
            {
                await cluster.ReportAsync(paused);
            }

            heir.Finish(stream.Request.Id, RequestOutcome.CompletedStop, 4);
            await stream.LastAsync();

            Assert.Equal([1, 2], resumed.Resumed.ToArray());
            Assert.Equal([1, 2, 3, 4], stream.Tokens);
            Assert.Empty(stream.Faults);
            Assert.Equal(RequestOutcome.CompletedStop, await stream.OutcomeAsync());
            Assert.Equal(1, cluster.Outcomes.Total);
            for (int i = 0; i < 2; i++)
            {
                TestStream next = await cluster.Gateway.SubmitAsync(TestCluster.Request(i + 5));
                cluster.Engine(next.Answer.Plan!.Decode).Finish(next.Request.Id, RequestOutcome.CompletedStop);
                await next.LastAsync();
            }
        });

    [Fact]
    public Task An_end_of_an_older_run_that_comes_late_leaves_the_newer_one_alone() =>
        FailoverCluster.Of(3).Scripted().RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(maxTokens: 10));
            RequestId request = stream.Request.Id;
            int lost = cluster.SiloOf(stream.Answer.Plan!.Decode);
            FakeEngine heir = cluster.Engine(3 - lost);
            cluster.Engine(lost).Emit((request, [1]));
            await stream.NextAsync();
            await cluster.KillAsync(lost);
            Assert.Equal(1, (await heir.Started.ReadAsync().AsTask().Within()).Run);

            // What was meant for run 0 on an earlier life of this instance.
            Assert.False(await cluster.Grains.GetGrain<IInstanceGrain>(cluster.Instance(3 - lost).Value)
                .EndAsync(request, RequestOutcome.Cancelled, run: 0).Within());
            await cluster.Grains.GetGrain<IDecodeGrain>(cluster.Instance(3 - lost).Value).ReleaseAsync(request, lease: 1_000_000, run: 0);
            heir.Finish(request, RequestOutcome.CompletedStop, 2);

            Assert.Equal(RequestOutcome.CompletedStop, (await stream.LastAsync()).Outcome);
            Assert.Equal([1, 2], stream.Tokens);
        });

    [Fact]
    public Task Work_of_an_instance_that_missed_its_own_death_is_ended_when_it_reports() =>
        ClusterScenario.Of(3).EnginesOnlyOn(1, 2).Scripted().With(x => x.Fleet = new FleetOptions
        {
            // Nobody but the test says that an instance is silent.
            ReportPeriod = TimeSpan.FromMilliseconds(50),
            SuspectAfter = TimeSpan.FromSeconds(30),
            DeadAfter = TimeSpan.FromSeconds(60),
        }).RunAsync(async cluster =>
        {
            TestStream stream = await cluster.Gateway.SubmitAsync(TestCluster.Request(maxTokens: 10));
            int paused = cluster.SiloOf(stream.Answer.Plan!.Decode);
            FakeEngine old = cluster.Engine(paused);
            old.Emit((stream.Request.Id, [1]));
            await stream.NextAsync();
            var goOn = new TaskCompletionSource();
            old.Silence = goOn.Task;
            old.IgnoresEnds = true;

            await cluster.Service<FleetView>(0).ReportUnreachableAsync(cluster.Instance(paused), old.Descriptor.Epoch);
            InferenceRequest resumed = await cluster.Engine(3 - paused).Started.ReadAsync().AsTask().Within();
            old.Emit((stream.Request.Id, [66]));
            old.IgnoresEnds = false;
            goOn.SetResult();
            old.Silence = Task.CompletedTask;
            await old.WhenEmptyAsync().Within();
            cluster.Engine(3 - paused).Finish(stream.Request.Id, RequestOutcome.CompletedStop, 2);
            await stream.LastAsync();

            Assert.Equal([1], resumed.Resumed.ToArray());
            Assert.Equal([1, 2], stream.Tokens);
            Assert.Empty(stream.Faults);
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_request_is_not_held_up_by_an_instance_that_stalls_while_it_is_started_there(bool atReserve) =>
        FailoverCluster.Of(3).Scripted().RunAsync(async cluster =>
        {
            var goOn = new TaskCompletionSource();
            var stalled = new TaskCompletionSource<int>();
            foreach (int silo in new[] { 1, 2 })
            {
                Func<InferenceRequest, Task> stall = async _ =>
                {
                    if (stalled.TrySetResult(silo))
                    {
                        cluster.Engine(silo).Silence = goOn.Task;
                        await goOn.Task;
                        throw new OperationCanceledException("It died of it.");
                    }
                };
                if (atReserve)
                {
                    cluster.Engine(silo).OnReserve = stall;
                }
                else
                {
                    cluster.Engine(silo).OnStart = stall;
                }
            }

            Task<TestStream> submit = cluster.Gateway.SubmitAsync(TestCluster.Request());
            int victim = await stalled.Task.Within();
            FakeEngine other = cluster.Engine(3 - victim);
            InferenceRequest started = await other.Started.ReadAsync().AsTask().Within();
            other.Finish(started.Id, RequestOutcome.CompletedStop, 5);
            TestStream stream = await submit;
            await stream.LastAsync();
            goOn.SetResult();
            await cluster.Engine(victim).WhenEmptyAsync().Within();

            Assert.True(stream.Answer.Accepted, stream.Answer.Message);
            Assert.Equal([5], stream.Tokens);
            Assert.Equal(RequestOutcome.CompletedStop, await stream.OutcomeAsync());
        });

    [Fact]
    public async Task A_late_instance_is_dead_when_nothing_listens_at_its_port_and_not_before()
    {
        using var process = new TcpListener(IPAddress.Loopback, 0);
        process.Start();
        await ClusterScenario.Of(2).EnginesOnlyOn(1)
            .Engines(new FakeEngineOptions { HasKvEndpoint = true, KvPort = ((IPEndPoint)process.LocalEndpoint).Port })
            .With(x => x.Fleet = new FleetOptions
            {
                ReportPeriod = TimeSpan.FromMilliseconds(50),
                SuspectAfter = TimeSpan.FromSeconds(30),
                DeadAfter = TimeSpan.FromMinutes(4),
            }).RunAsync(async cluster =>
            {
                var goOn = new TaskCompletionSource();
                cluster.Engine(1).Silence = goOn.Task;
                for (int probe = 0; probe < 3; probe++)
                {
                    (await process.AcceptTcpClientAsync().Within()).Dispose();
                }

                await cluster.RefreshAsync();
                InstanceHealth paused = HealthOf(cluster, 1);
                process.Stop();
                while (HealthOf(cluster, 1) != InstanceHealth.Dead)
                {
                    await cluster.RefreshAsync();
                }

                goOn.SetResult();
                Assert.Equal(InstanceHealth.Ready, paused);
            });
    }

    private static InstanceHealth HealthOf(TestCluster cluster, int silo)
    {
        InstanceId instance = cluster.Instance(silo);
        return cluster.Service<FleetView>(0).Find(instance)!.Health;
    }
}
