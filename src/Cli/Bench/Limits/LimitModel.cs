using XLLM.Cli.Bench.Points;
using XLLM.Engine.Execution;

namespace XLLM.Cli.Bench.Limits;

/// <summary>
/// The most tokens a second that a point could give on a machine. Decode: a step reads every matrix once and the KV of every
/// stream, and does the int8 work of its tokens; the slower of the two counts. Prefill and mixed: all multiply-adds at the int8
/// peak, attention's too; the output matrix only where logits are wanted.
/// </summary>
internal static class LimitModel
{
    public static double TokensPerSecond(BenchPoint point, ModelCost cost, MachineLimits limits) => point.Kind switch
    {
        PointKind.Prefill => point.Context / PrefillSeconds(point.Context, cost, limits),
        PointKind.Decode => point.Streams / DecodeSeconds(point, cost, limits),
        _ => Mixed(point, cost, limits),
    };

    /// <summary>The step in the middle of the timed ones.</summary>
    private static double DecodeSeconds(BenchPoint point, ModelCost cost, MachineLimits limits)
    {
        long bytes = cost.MatrixBytes + (point.Streams * cost.KvBytes(point.Context + 1 + (point.Steps / 2)));
        double operations = 2.0 * point.Streams * (cost.LayerMacs + cost.HeadMacs);
        return Math.Max(bytes / limits.BytesPerSecond, operations / limits.Int8PerSecond);
    }

    private static double PrefillSeconds(int tokens, ModelCost cost, MachineLimits limits) =>
        2.0 * (((double)tokens * cost.LayerMacs) + cost.HeadMacs + cost.AttentionMacs(0, tokens)) / limits.Int8PerSecond;

    private static double Mixed(BenchPoint point, ModelCost cost, MachineLimits limits)
    {
        MixedSchedule schedule = new(point);
        double macs = 0;
        while (schedule.Next() is { } step)
        {
            foreach (MixedPart part in step)
            {
                macs += ((double)part.Count * cost.LayerMacs) + (part.Wanted ? cost.HeadMacs : 0) + cost.AttentionMacs(part.At, part.Count);
            }
        }

        return schedule.Tokens / (2 * macs / limits.Int8PerSecond);
    }
}
