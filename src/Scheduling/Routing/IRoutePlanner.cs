using System.Collections.ObjectModel;
using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>Decides where requests run. May remember what it decided; its owner guards it against several threads.</summary>
public interface IRoutePlanner
{
    /// <summary>Name in configuration and logs.</summary>
    string Policy { get; }

    /// <summary>A plan or a refusal. The same calls in the same order give the same decisions.</summary>
    RouteDecision Plan(RouteContext context);

    /// <summary>Elastic pool of the instance; null where the policy has no pools, or has not met it yet.</summary>
    InstancePool? PoolOf(InstanceDescriptor instance) => null;

    /// <summary>The newest moves between pools, oldest first; empty where the policy has none.</summary>
    IReadOnlyList<PoolMove> Moves => [];

    /// <summary>Moves so far by the rule that made them; empty where the policy has no pools.</summary>
    IReadOnlyDictionary<string, long> MoveCounts => ReadOnlyDictionary<string, long>.Empty;
}
