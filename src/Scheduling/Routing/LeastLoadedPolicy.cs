namespace XLLM.Scheduling.Routing;

/// <summary>The idlest candidate.</summary>
internal sealed class LeastLoadedPolicy(string name) : IRoutingPolicy
{
    public string Name => name;

    public double Score(in RouteCandidate candidate) => 1 - candidate.Load;
}
