using System.Diagnostics;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;

namespace XLLM.Cli.Bench.Points;

/// <summary>
/// This engine at the level of llama-bench: steps of a <see cref="ModelRunner"/>, logits wanted and copied out, nothing sampled.
/// Every stream has a random prompt of its own. KV of a context is kept from point to point.
/// </summary>
internal sealed class OwnEngine : IBenchSide
{
    private readonly ModelRunner _runner;
    private readonly Random _random;
    private readonly StepInput _step;
    private readonly float[] _logits;
    private readonly int[] _blocks;
    private readonly int[] _tokens = new int[BenchPoint.StepTokens];
    private int _streamBlocks;
    private int _filled;
    private int _context;

    private OwnEngine(ModelRunner runner, int streams, int seed)
    {
        _runner = runner;
        _random = new Random(seed);
        _blocks = [.. Enumerable.Range(0, runner.Blocks)];
        _step = new StepInput(runner.MaxTokens, streams);
        _logits = new float[(long)runner.MaxOutputs * runner.Model.VocabularySize];
    }

    public string Name => "xllm";

    public string Details => $"{_runner.Device}, weights {_runner.WeightBytes / 1e6:0.0} MB";

    public string Device => _runner.Device;

    public EngineIsa Isa => _runner.Isa;

    public int Threads => _runner.Threads;

    public int Vocabulary => _runner.Model.VocabularySize;

    /// <summary>Loads the model with a KV pool as large as the points need.</summary>
    public static OwnEngine Load(
        string path, ModelOptions options, IReadOnlyList<BenchPoint> points, int seed, CancellationToken cancellation)
    {
        int streams = points.Max(p => p.Sequences);
        int longest = points.Max(p => p.Room);
        int blocks = points.Max(p => checked(p.Sequences * Blocks(p.Room, options.BlockTokens)));
        ModelRunner runner = ModelLoader.Load(
            path,
            options with { KvBlocks = blocks, MaxTokens = BenchPoint.StepTokens, MaxOutputs = streams },
            cancellation: cancellation);
        if (longest > runner.Model.ContextLength)
        {
            int most = runner.Model.ContextLength;
            runner.Dispose();
            throw new ArgumentException($"--points need {longest} tokens of context with their steps; the model has {most}.");
        }

        return new OwnEngine(runner, streams, seed);
    }

    public bool CanMeasure(BenchPoint point) => true;

    public Task<string> PrepareAsync(BenchPoint point, CancellationToken cancellationToken)
    {
        if (point.Kind == PointKind.Prefill)
        {
            Use(point);
            Prompt(0, Math.Min(point.Context, 64));
        }
        else
        {
            Fill(point, cancellationToken);
        }

        return Task.FromResult("");
    }

    public Task<double> MeasureAsync(BenchPoint point, CancellationToken cancellationToken) => Task.FromResult(point.Kind switch
    {
        PointKind.Prefill => Prefill(point),
        PointKind.Decode => Decode(point, cancellationToken),
        _ => Mixed(point, cancellationToken),
    });

    public ValueTask DisposeAsync()
    {
        _runner.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int Blocks(int tokens, int blockTokens) => (tokens + blockTokens - 1) / blockTokens;

    private double Prefill(BenchPoint point)
    {
        Use(point);
        long started = Stopwatch.GetTimestamp();
        Prompt(0, point.Context);
        return point.Context / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private double Decode(BenchPoint point, CancellationToken cancellationToken)
    {
        Fill(point, cancellationToken);
        DecodeStep(point.Streams, point.Context);
        long started = Stopwatch.GetTimestamp();
        for (int i = 1; i <= point.Steps; i++)
        {
            DecodeStep(point.Streams, point.Context + i);
        }

        return (double)point.Streams * point.Steps / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Decoding streams first, then as much of the next prompt as the step has room for, until the last prompt is in.
    private double Mixed(BenchPoint point, CancellationToken cancellationToken)
    {
        Fill(point, cancellationToken);
        MixedSchedule schedule = new(point);
        long started = Stopwatch.GetTimestamp();
        while (schedule.Next() is { } step)
        {
            _step.Clear();
            foreach (MixedPart part in step)
            {
                Add(part.Stream, part.Count, part.At, part.Wanted ? 1 : 0);
            }

            Run();
        }

        return schedule.Tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private void Fill(BenchPoint point, CancellationToken cancellationToken)
    {
        if (_context != point.Context || _streamBlocks != Blocks(point.Room, _runner.BlockTokens))
        {
            Use(point);
        }

        for (; _filled < point.Streams; _filled++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Prompt(_filled, point.Context);
        }
    }

    /// <summary>Divides the pool for a point; what was in it is forgotten.</summary>
    private void Use(BenchPoint point) =>
        (_filled, _context, _streamBlocks) = (0, point.Context, Blocks(point.Room, _runner.BlockTokens));

    private void Prompt(int stream, int tokens)
    {
        for (int at = 0; at < tokens;)
        {
            int count = Math.Min(BenchPoint.StepTokens, tokens - at);
            _step.Clear();
            Add(stream, count, at, at + count == tokens ? 1 : 0);
            Run();
            at += count;
        }
    }

    private void DecodeStep(int streams, int at)
    {
        _step.Clear();
        for (int s = 0; s < streams; s++)
        {
            Add(s, 1, at, 1);
        }

        Run();
    }

    private void Add(int stream, int count, int at, int outputs)
    {
        for (int i = 0; i < count; i++)
        {
            _tokens[i] = _random.Next(Vocabulary);
        }

        _step.Add(_tokens.AsSpan(0, count), at, _blocks.AsMemory(stream * _streamBlocks, _streamBlocks), outputs);
    }

    private void Run() => _runner.Run(_step, _logits.AsSpan(0, _step.OutputCount * Vocabulary));
}
