namespace XLLM.Scheduling.Routing;

/// <summary>The idlest candidate.</summary>
internal sealed class LeastLoadedPolicy : IRoutingPolicy
{
    public string Name => "least-loaded";

    public double Score(in RouteCandidate candidate) => 1 - candidate.Load;
}
