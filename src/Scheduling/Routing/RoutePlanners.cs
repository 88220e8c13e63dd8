using System.Collections.Immutable;

namespace XLLM.Scheduling.Routing;

/// <summary>The planners by the name of their policy.</summary>
public static class RoutePlanners
{
    /// <summary>Names that <see cref="Create"/> knows: those that score instances, and slo-aware, which places the two halves.</summary>
    public static ImmutableArray<string> Names { get; } = [.. RoutingPolicies.Names, SloAwarePlanner.Name];

    /// <summary>Throws <see cref="ArgumentException"/> for a name that is not known.</summary>
    public static IRoutePlanner Create(RoutingOptions options) => options.Policy == SloAwarePlanner.Name
        ? new SloAwarePlanner(options)
        : new RoutePlanner(RoutingPolicies.Create(options), options.PrefillScale);
}
