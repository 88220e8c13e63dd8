using System.Globalization;
using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Routing;

namespace XLLM.Simulator.Running;

/// <summary>A routing policy and the roles of the instances under it.</summary>
/// <param name="Name">As in tables.</param>
/// <param name="Policy">Name of the planner.</param>
/// <param name="PrefillInstances">Instances fixed to prefill, the others to decode; null = every instance does both.</param>
public sealed record PolicySetup(string Name, string Policy, int? PrefillInstances)
{
    /// <summary>
    /// <c>slo-aware</c> and <c>cache-aware</c> (every instance does both), <c>mixed</c> (minimal load, every instance does both),
    /// <c>round-robin</c> and <c>minimal-load</c> (half of the instances prefill, the others decode), and these two with a number
    /// of prefill instances, e.g. <c>minimal-load:6</c>.
    /// </summary>
    /// <exception cref="ArgumentException">No such policy, or not so many instances.</exception>
    public static PolicySetup Parse(string text, int instances)
    {
        string[] parts = text.Split(':');
        int? prefill = null;
        if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int given))
        {
            prefill = given;
        }

        return (parts.Length, parts[0]) switch
        {
            (1, SloAwarePlanner.Name or "cache-aware") => new PolicySetup(text, text, null),
            (1, "mixed") => new PolicySetup(text, RoutingPolicies.MinimalLoad, null),
            (1, "round-robin" or RoutingPolicies.MinimalLoad) when instances > 1 => new PolicySetup(text, text, instances / 2),
            (2, "round-robin" or RoutingPolicies.MinimalLoad) when prefill >= 1 && prefill < instances =>
                new PolicySetup(text, parts[0], prefill),
            _ => throw new ArgumentException(
                $"The policy '{text}' is not one for {instances} instances: slo-aware, cache-aware, mixed, round-robin, minimal-load, "
                + $"or one of the last two with the number of prefill instances, 1..{instances - 1}, e.g. minimal-load:1."),
        };
    }

    /// <summary>Role of an instance.</summary>
    public InstanceRole RoleOf(int instance) => PrefillInstances is not { } prefill
        ? InstanceRole.Mixed
        : instance < prefill ? InstanceRole.Prefill : InstanceRole.Decode;
}
