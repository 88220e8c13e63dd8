namespace XLLM.Cli.Bench.Points;

/// <summary>One point of <c>bench engine</c>. Lengths in tokens.</summary>
internal readonly record struct BenchPoint(PointKind Kind, int Streams, int Context)
{
    /// <summary>Most tokens of a step, on every side (llama.cpp's ubatch).</summary>
    public const int StepTokens = 512;

    private const int LongSteps = 64;
    private const int ShortSteps = 32;
    private const int ManyStreams = 16;

    /// <summary>Timed steps of a decode point.</summary>
    public int Steps => Streams < ManyStreams ? LongSteps : ShortSteps;

    /// <summary>Sequences that have KV at the end.</summary>
    public int Sequences => Kind == PointKind.Mixed ? 2 * Streams : Streams;

    /// <summary>The longest a sequence can get.</summary>
    public int Room => Kind switch
    {
        PointKind.Prefill => Context,
        PointKind.Decode => Context + LongSteps + 1,
        _ => Context + (Streams * Context / (StepTokens - (2 * Streams))) + 2,
    };

    public string Name => Kind switch
    {
        PointKind.Prefill => "prefill",
        PointKind.Decode => "decode",
        _ => "mixed",
    };

    /// <summary>As <c>--points</c> takes it.</summary>
    public override string ToString() => Kind == PointKind.Prefill ? $"{Name}:{Context}" : $"{Name}:{Streams}:{Context}";
}
