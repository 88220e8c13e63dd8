namespace XLLM.Scheduling.Routing;

/// <summary>A way to prefer one instance to another: a name and one method. Pure: equal candidates score equal.</summary>
public interface IRoutingPolicy
{
    /// <summary>Name in configuration and logs.</summary>
    string Name { get; }

    /// <summary>How good the candidate is; the highest wins. Finite.</summary>
    double Score(in RouteCandidate candidate);
}
