using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Testing;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>
/// The silo of a request's instance is killed at each step of docs/request-lifecycle.md; the client sees the stream of an
/// undisturbed run.
/// </summary>
public sealed class KillStepTests
{
    private const int Tokens = 40;

    /// <summary>The steps at which an instance can be caught.</summary>
    public static TheoryData<string> Steps => new(
        "3 submit", "6 reserve", "7 prefill, first chunk", "7 prefill, last chunk", "8 decode, second token", "8 decode, middle",
        "8 decode, last token", "9 stream, first message", "9 stream, middle", "11 answer, reader paused", "12 end, last message");

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_killed_instance_costs_nobody_the_answer(string step)
    {
        var factory = new SimulatedEngineFactory(FailoverCluster.Model);
        await FailoverCluster.Of(3).EnginesFrom(factory).RunAsync(async cluster =>
        {
            InferenceRequest request = FailoverCluster.Request(maxTokens: Tokens);
            TestStream expected = await FailoverCluster.UndisturbedAsync(cluster, request);
            var trap = new Trap();
            Arm(step, trap, factory, cluster.Gateway);

            Task<TestStream> submit;
            if (step == "3 submit")
            {
                // The fleet does not know yet, and round-robin gives it the next request or the one after.
                await cluster.KillAsync(2);
                TestStream other = await cluster.Gateway.SubmitAsync(request with { Id = RequestId.New() });
                submit = cluster.Gateway.SubmitAsync(request);
                await FailoverCluster.AssertSameAsync(expected, other);
            }
            else if (step == "11 answer, reader paused")
            {
                submit = cluster.Gateway.SubmitAsync(request);
                TestStream paused = await submit;
                await paused.NextAsync();
                // Held in the middle: the answer is not whole before its reader pauses, however busy the machine is.
                InstanceId victim = await trap.Caught.Within();
                await paused.Grain.SetPausedAsync(true);
                Task killed = cluster.KillAsync(cluster.SiloOf(victim));
                trap.Release();
                await killed;
                await paused.Grain.SetPausedAsync(false);
            }
            else
            {
                submit = cluster.Gateway.SubmitAsync(request);
                InstanceId victim = await trap.Caught.Within();
                Task killed = cluster.KillAsync(cluster.SiloOf(victim));
                trap.Release();
                await killed;
            }

            await FailoverCluster.AssertSameAsync(expected, await submit);
            await cluster.AssertSoundAsync();
            Assert.Equal(0, cluster.Outcomes[RequestOutcome.InstanceLost]);
            Assert.Equal(RequestOutcome.CompletedLength, await (await submit).OutcomeAsync());
            await AssertStartsAsync(await submit);
        });
    }

    // However it went, its grain can tell: each run began after the one before, and the last one where it ended.
    private static async Task AssertStartsAsync(TestStream stream)
    {
        ImmutableArray<RunStart> starts = await stream.Grain.GetStartsAsync();
        Assert.Equal(starts.OrderBy(s => s.Run).ThenBy(s => s.BeganSeconds), starts);
        Assert.All(starts, s => Assert.Equal(s.Run == 0, s.Cause.Length == 0));
        Assert.All(starts, s => Assert.True(s.Refusal != RequestOutcome.None || s.StartedSeconds >= s.BeganSeconds, s.ToString()));
        Assert.Equal((stream.Run, RequestOutcome.None), (starts[^1].Run, starts[^1].Refusal));
    }

    private static void Arm(string step, Trap trap, SimulatedEngineFactory factory, TestGateway gateway)
    {
        int seen = 0;
        switch (step)
        {
            case "6 reserve":
                factory.OnReserve = trap.ArriveAsync;
                break;
            case "7 prefill, first chunk":
                factory.OnStep = (instance, _) => trap.ArriveAsync(instance);
                break;
            case "7 prefill, last chunk":
                factory.OnStep = (instance, x) => x.OutputCount > 0 ? trap.ArriveAsync(instance) : Task.CompletedTask;
                break;
            case "8 decode, second token":
                factory.OnStep = At(2);
                break;
            case "8 decode, middle" or "11 answer, reader paused":
                factory.OnStep = At(Tokens / 2);
                break;
            case "8 decode, last token":
                factory.OnStep = At(Tokens);
                break;
            case "9 stream, first message":
                gateway.OnBatch = batch => trap.ArriveAsync(batch.Instance);
                break;
            case "9 stream, middle":
                // Not the fifth message: a slow machine puts several steps in one.
                gateway.OnBatch = batch => batch.Chunks.Any(x => x.FirstIndex >= 5) ? trap.ArriveAsync(batch.Instance) : Task.CompletedTask;
                break;
            case "12 end, last message":
                gateway.OnBatch = batch => batch.Chunks.Any(x => x.Outcome != RequestOutcome.None)
                    ? trap.ArriveAsync(batch.Instance)
                    : Task.CompletedTask;
                break;
        }

        // Output number n of the run that is watched; the undisturbed one is over by now.
        Func<InstanceId, StepInput, Task> At(int n) => (instance, x) =>
            x.OutputCount > 0 && Interlocked.Increment(ref seen) == n ? trap.ArriveAsync(instance) : Task.CompletedTask;
    }
}
