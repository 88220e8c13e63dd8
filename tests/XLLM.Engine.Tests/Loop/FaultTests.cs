using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

public class FaultTests
{
    private const int Poison = 255;
    private static readonly SimulatedModelOptions Model = new();

    [Fact]
    public async Task ARequestThatBreaksEveryStepItIsIn_FailsAloneAndTheOthersGetTheirTokens()
    {
        InferenceRequest[] good = [.. Enumerable.Range(0, 3).Select(i => Good(i))];
        InferenceRequest bad = EngineHarness.Request([5, Poison, 7], 10);
        StepGate gate = new();
        await using EngineHarness engine = new(new HookedRunner(new SimulatedModelRunner(Model, ThrowOnPoison), gate.BeforeStep));

        Generation[] all = await engine.RunTogetherAsync(gate, good[0], good[1], bad, good[2]);

        Assert.Equal(RequestOutcome.EngineFailed, all[2].Outcome);
        Assert.DoesNotContain("secret", all[2].Last.Error);
        Generation[] fine = [all[0], all[1], all[3]];
        foreach ((InferenceRequest request, Generation generation) in good.Zip(fine))
        {
            await using EngineHarness alone = new(Model);
            Assert.Equal((await alone.RunAsync(request)).Ids, generation.Ids);
        }

        await engine.AssertSoundAsync();
        Assert.Null(engine.Loop.Load.Fault);
        Assert.Equal(Model.Blocks, engine.Loop.Load.FreeBlocks);
    }

    [Fact]
    public async Task AStepThatFailsOnce_CostsNoRequestAToken()
    {
        int steps = 0;
        int failedSequences = 0;
        StepGate gate = new();
        InferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Good(i))];
        await using EngineHarness engine = new(Model, beforeStep: step =>
        {
            gate.BeforeStep(step);
            if (++steps == 5)
            {
                failedSequences = step.SequenceCount;
                throw new InvalidOperationException("once");
            }
        });

        Generation[] all = await engine.RunTogetherAsync(gate, requests);

        Assert.Equal(4, failedSequences);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(all))
        {
            await using EngineHarness alone = new(Model);
            Assert.Equal((await alone.RunAsync(request)).Ids, generation.Ids);
        }
    }

    [Fact]
    public async Task ThreeStepsInARowThatFail_FaultTheEngine()
    {
        await using EngineHarness engine = new(Model, beforeStep: _ => throw new InvalidOperationException("dead"));

        for (int i = 0; i < 3; i++)
        {
            Assert.Null(engine.Loop.Load.Fault);
            Assert.Equal(RequestOutcome.EngineFailed, (await engine.RunAsync(Good(i))).Outcome);
        }

        await engine.AssertSoundAsync();
        Assert.Equal("3 steps in a row failed", engine.Loop.Load.Fault);
        Assert.Equal(RequestOutcome.NoInstance, (await engine.Loop.ReserveAsync(Good(9))).Refusal);
    }

    [Fact]
    public async Task AFault_EndsTheRequestsThatWaited()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(
            Model, new() { MaxRunning = 1, FailuresToFault = 1 }, step =>
            {
                gate.BeforeStep(step);
                throw new InvalidOperationException("dead");
            });
        Generation runs = await engine.StartAsync(Good(1));
        await gate.ArrivedAsync();
        Generation waits = await engine.StartAsync(Good(2));
        gate.Open();

        await Task.WhenAll(runs.Ended, waits.Ended).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((RequestOutcome.EngineFailed, RequestOutcome.EngineFailed), (runs.Outcome, waits.Outcome));
    }

    [Fact]
    public async Task LogitsThatAreNotNumbers_FailTheirRequestOnly()
    {
        InferenceRequest good = Good(1);
        InferenceRequest bad = EngineHarness.Request([5, Poison, 7], 10);
        StepGate gate = new();
        await using EngineHarness engine = new(
            new HookedRunner(new BrokenRunner(new SimulatedModelRunner(Model), Poison), gate.BeforeStep));

        // The first is alone in its step; the broken one shares its step with it.
        Generation[] all = await engine.RunTogetherAsync(gate, good, bad);
        Array.Reverse(all);

        Assert.Equal(RequestOutcome.EngineFailed, all[0].Outcome);
        Assert.Contains("not finite", all[0].Last.Error);
        Assert.Equal(RequestOutcome.CompletedLength, all[1].Outcome);
        Assert.Null(engine.Loop.Load.Fault);
    }

    private static InferenceRequest Good(int seed) =>
        EngineHarness.Request(EngineHarness.Prompt(seed, 20 + (seed * 9), Poison), 15);

    private static void ThrowOnPoison(StepInput step)
    {
        foreach (StepSequence sequence in step.Sequences)
        {
            ReadOnlySpan<int> tokens = step.Tokens.Slice(sequence.FirstRow, sequence.Rows);
            if (tokens.IndexOf([5, Poison, 7]) >= 0)
            {
                throw new InvalidOperationException("secret address 0x1234");
            }
        }
    }
}
