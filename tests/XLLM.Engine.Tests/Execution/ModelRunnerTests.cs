using Microsoft.Extensions.Logging;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Models;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Execution;

public sealed class ModelRunnerTests
{
    private static readonly ModelOptions Small = new() { KvBlocks = 64, MaxTokens = 64, MaxOutputs = 8, Threads = 1 };

    [Fact]
    public void The_demo_model_says_what_it_is()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small with { Name = "demo", Threads = 2 });
        Assert.Equal(("demo", "qwen3", "BF16"), (runner.Model.Name, runner.Model.Family, runner.Model.WeightType));
        Assert.Equal([4089, 4091], runner.Model.EndTokens.AsEnumerable());
        Assert.Equal(4096, runner.Model.VocabularySize);
        Assert.InRange(runner.Model.Parameters, 5_500_000, 6_000_000);
        Assert.Equal(64 * 16, runner.Model.ContextLength);
        Assert.Matches("^cpu (scalar|avx2|avx512) 2 threads$", runner.Device);
        Assert.True(runner.WeightBytes > 0 && runner.KvBytes > 0);
    }

    [Fact]
    public void Tensors_that_the_family_does_not_know_are_listed_and_logged()
    {
        var log = new ListLogger();
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small, logger: log);
        Assert.Equal(["model.exits.2.weight", "model.exits.4.weight"], runner.UnusedTensors);
        Assert.Contains(
            log.Lines,
            l => l.Contains("2 tensors are not used: model.exits.2.weight, model.exits.4.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void Loading_reports_progress_up_to_all_bytes()
    {
        var reports = new List<LoadProgress>();
        ModelLoader.Load(SharedData.DemoModel, Small, new Reporter(reports.Add)).Dispose();
        Assert.True(reports.Count > 10);
        Assert.Equal(reports[^1].TotalBytes, reports[^1].Bytes);
        Assert.All(reports.Zip(reports.Skip(1)), pair => Assert.True(pair.Second.Bytes >= pair.First.Bytes));
    }

    [Fact]
    public void Loading_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var progress = new Reporter(_ => cancel.Cancel());
        Assert.Throws<OperationCanceledException>(
            () => ModelLoader.Load(SharedData.DemoModel, Small, progress, null, cancel.Token));
    }

    [Fact]
    public void A_step_takes_no_managed_memory()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        var step = new StepInput(64, 4);
        step.Add([1, 2, 3], 0, new[] { 0 }, 1);
        step.Add([4], 0, new[] { 1 }, 1);
        var logits = new float[2 * 4096];
        runner.Run(step, logits);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            runner.Run(step, logits);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_step_that_does_not_fit_is_refused_and_the_next_one_runs()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        Assert.Throws<ArgumentException>(() => Run(runner, 8, [1], 8, [0], 1)); // room for 8 logits
        Assert.Contains(
            "1 blocks; 2 are needed",
            Assert.Throws<ArgumentException>(() => Run(runner, 4096, new int[17], 0, [0], 1)).Message,
            StringComparison.Ordinal);
        Assert.Throws<NativeException>(() => Run(runner, 4096, [4096], 0, [0], 1)); // no such token
        Assert.Throws<NativeException>(() => Run(runner, 4096, [-1], 0, [0], 1));
        Assert.Throws<NativeException>(() => Run(runner, 4096, [1], 0, [64], 1)); // no such block
        Run(runner, 4096, [1], 0, [63], 1);
    }

    [Fact]
    public void A_cancel_between_steps_does_not_touch_the_next_one()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        runner.RequestCancel();
        Run(runner, 4096, [1], 0, [0], 1);
    }

    [Fact]
    public void A_cancelled_step_ends_early_and_the_runner_goes_on()
    {
        using ModelRunner runner = ModelLoader.Load(
            SharedData.DemoModel, Small with { MaxTokens = 1024, Isa = EngineIsa.Scalar });
        int[] prompt = Batch.Prompt(runner, 1_000, 1);
        int[] blocks = Batch.Blocks(runner, 0, 1_000);
        float[] expected = Batch.Run(runner, (prompt[..50], 0, blocks, 1));
        using var stop = new CancellationTokenSource();
        var canceller = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                runner.RequestCancel();
                Thread.Yield();
            }
        });
        canceller.Start();
        Assert.Throws<OperationCanceledException>(() => Batch.Run(runner, (prompt, 0, blocks, 1)));
        stop.Cancel();
        canceller.Join();
        Batch.SameBits(expected, Batch.Run(runner, (prompt[..50], 0, blocks, 1)), "after a cancelled step");
    }

    [Fact]
    public void A_disposed_runner_refuses_steps_and_ignores_cancels()
    {
        ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, Small);
        runner.Dispose();
        runner.Dispose();
        runner.RequestCancel();
        Assert.Throws<ObjectDisposedException>(() => Run(runner, 4096, [1], 0, [0], 1));
    }

    private static void Run(ModelRunner runner, int room, int[] tokens, int context, int[] blocks, int outputs)
    {
        var step = new StepInput(64, 1);
        step.Add(tokens, context, blocks, outputs);
        runner.Run(step, new float[room]);
    }

    private sealed class Reporter(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format) =>
            Lines.Add(format(state, error));
    }
}
