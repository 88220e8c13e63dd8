using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Routing;

/// <summary>What a decision thought of one instance.</summary>
/// <param name="Instance">The instance looked at.</param>
/// <param name="FilteredBy">Name of the filter that dropped it; null when it was scored.</param>
/// <param name="Score">Its score; NaN when it was dropped.</param>
/// <param name="HitTokens">Prompt tokens it was believed to hold.</param>
/// <param name="Load">Its load, [0, 1).</param>
public readonly record struct RouteVerdict(
    InstanceId Instance, string? FilteredBy, double Score, int HitTokens, double Load)
{
    public override string ToString() => FilteredBy is null
        ? FormattableString.Invariant($"{Instance}={Score:0.###} (hit {HitTokens}, load {Load:0.###})")
        : $"{Instance}=- ({FilteredBy})";
}
