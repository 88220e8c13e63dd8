namespace XLLM.Scheduling.Routing;

/// <summary>Each candidate in turn, whatever it does.</summary>
internal sealed class RoundRobinPolicy : IRoutingPolicy
{
    public string Name => "round-robin";

    public double Score(in RouteCandidate candidate) => candidate.Turn % candidate.Count == candidate.Order ? 1 : 0;
}
