using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>
/// One point: this engine's rates and every peer's (null = it cannot run the point, or did not in the time it was given), and the
/// most the machine could give, in tokens a second.
/// </summary>
internal sealed record PointResult(BenchPoint Point, Samples Ours, IReadOnlyDictionary<string, Samples?> Peers, double Limit)
{
    /// <summary>The fastest peer by its median; null when none ran.</summary>
    public string? BestPeer => Peers.Where(p => p.Value is { Count: > 0 }).OrderByDescending(p => p.Value!.Median).Select(p => p.Key).FirstOrDefault();

    public double? Peer => BestPeer is { } best ? Peers[best]!.Median : null;

    public double? Ratio => Peer is { } peer ? Ours.Median / peer : null;

    public double LimitFraction => Ours.Median / Limit;
}
