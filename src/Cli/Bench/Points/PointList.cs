using System.Globalization;

namespace XLLM.Cli.Bench.Points;

/// <summary>Reads <c>--points</c>.</summary>
internal static class PointList
{
    private const int MostStreams = 512;
    private const int MostMixed = 128; // twice as many leave half a step for prompts
    private const int MostContext = 1 << 20;

    /// <summary>The points that issue and docs speak of.</summary>
    public static IReadOnlyList<BenchPoint> All { get; } = Ordered(
    [
        .. new[] { 128, 512, 2048 }.Select(Prefill),
        .. from context in new[] { 128, 2048 } from streams in new[] { 1, 4, 16, 32 } select Decode(streams, context),
        new BenchPoint(PointKind.Mixed, 16, 512),
    ]);

    public static BenchPoint Prefill(int tokens) => new(PointKind.Prefill, 1, tokens);

    public static BenchPoint Decode(int streams, int context) => new(PointKind.Decode, streams, context);

    /// <summary>
    /// <c>all</c>, or points with commas between: <c>prefill:TOKENS</c>, <c>decode:STREAMS:CONTEXT</c>, <c>mixed:STREAMS:CONTEXT</c>.
    /// </summary>
    /// <exception cref="ArgumentException">A part is none of these; it is named.</exception>
    public static IReadOnlyList<BenchPoint> Parse(string text) =>
        text == "all" ? All : Ordered(text.Split(',', StringSplitOptions.TrimEntries).Select(One));

    // Points that share a context are neighbours, so that a side can keep it; few streams first.
    private static IReadOnlyList<BenchPoint> Ordered(IEnumerable<BenchPoint> points) =>
        [.. points.Distinct().OrderBy(p => p.Kind).ThenBy(p => p.Context).ThenBy(p => p.Streams)];

    private static BenchPoint One(string text)
    {
        string[] parts = text.Split(':');
        BenchPoint? point = parts switch
        {
            ["prefill", var tokens] => new BenchPoint(PointKind.Prefill, 1, Number(tokens, MostContext)),
            ["decode", var streams, var context] => new BenchPoint(PointKind.Decode, Number(streams, MostStreams), Number(context, MostContext)),
            ["mixed", var streams, var context] => new BenchPoint(PointKind.Mixed, Number(streams, MostMixed), Number(context, MostContext)),
            _ => null,
        };
        return point is { Streams: > 0, Context: > 0 } found
            ? found
            : throw new ArgumentException(
                $"--points has '{text}'; each must be prefill:TOKENS, decode:STREAMS:CONTEXT or mixed:STREAMS:CONTEXT, "
                + $"with 1 to {MostStreams} streams ({MostMixed} of mixed) and 1 to {MostContext} tokens, e.g. prefill:512,decode:16:128.");
    }

    private static int Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= most ? value : 0;
}
