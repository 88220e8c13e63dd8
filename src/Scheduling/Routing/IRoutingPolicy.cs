namespace XLLM.Scheduling.Routing;

/// <summary>A way to prefer one instance to another: a name and one method. Pure: the same candidate gives the same score.</summary>
public interface IRoutingPolicy
{
    /// <summary>Name in configuration and logs.</summary>
    string Name { get; }

    /// <summary>How good the candidate is; the highest wins. Finite.</summary>
    double Score(in RouteCandidate candidate);
}
