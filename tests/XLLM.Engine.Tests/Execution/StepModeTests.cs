using XLLM.Engine.Execution;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Execution;

public sealed class StepModeTests
{
    private static readonly ModelOptions Small = new() { KvBlocks = 64, MaxTokens = 64, MaxOutputs = 8, Threads = 2 };

    [Fact]
    public void Every_mode_gives_the_same_logits()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        float[] wanted = Session(runner, StepMode.OpByOp);
        foreach (StepMode mode in Enum.GetValues<StepMode>())
        {
            Assert.Equal(wanted, Session(runner, mode));
        }
    }

    [Fact]
    public void Steps_are_counted_by_mode_and_a_bucket_is_recorded_once()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        Session(runner, StepMode.Auto);
        StepGraphCounts first = runner.GraphCounts;
        Assert.Equal((3, 1, 0), (first.FullSteps, first.PiecewiseSteps, first.EagerSteps));
        Session(runner, StepMode.Auto);
        Assert.Equal(first.Records, runner.GraphCounts.Records);
        Session(runner, StepMode.OpByOp);
        Assert.Equal(4, runner.GraphCounts.EagerSteps);
    }

    [Fact]
    public void An_unknown_mode_is_a_wrong_option() =>
        Assert.Contains("Mode 9 is not known", (Small with { Mode = (StepMode)9 }).Problems());

    // Two prompts in one step, then three steps of both.
    private static float[] Session(ModelRunner runner, StepMode mode)
    {
        runner.Mode = mode;
        int vocabulary = runner.Model.VocabularySize;
        var step = new StepInput(64, 4);
        var all = new List<float>();
        void Run()
        {
            float[] logits = new float[step.OutputCount * vocabulary];
            runner.Run(step, logits);
            all.AddRange(logits);
        }

        step.Add([1, 2, 3, 4, 5], 0, new[] { 7 }, 2);
        step.Add([9, 8], 0, new[] { 3 }, 1);
        Run();
        for (int i = 0; i < 3; i++)
        {
            step.Clear();
            step.Add([10 + i], 5 + i, new[] { 7 }, 1);
            step.Add([20 + i], 2 + i, new[] { 3 }, 1);
            Run();
        }

        return [.. all];
    }
}
