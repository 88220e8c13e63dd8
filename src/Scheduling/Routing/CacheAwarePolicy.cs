namespace XLLM.Scheduling.Routing;

/// <summary>
/// Weighs the share of the prompt a candidate holds already against its idleness. With equal weights a full hit is worth
/// going to an instance up to fully loaded, and a small hit only breaks near-ties.
/// </summary>
internal sealed class CacheAwarePolicy(double prefixWeight, double loadWeight) : IRoutingPolicy
{
    public string Name => "cache-aware";

    public double Score(in RouteCandidate candidate) =>
        prefixWeight * candidate.HitFraction + loadWeight * (1 - candidate.Load);
}
