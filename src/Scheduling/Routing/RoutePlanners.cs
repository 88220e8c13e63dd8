using System.Collections.Immutable;
using XLLM.Scheduling.Prediction;

namespace XLLM.Scheduling.Routing;

/// <summary>The planners by the name of their policy.</summary>
public static class RoutePlanners
{
    /// <summary>Names that <see cref="Create"/> knows: those that score instances, and slo-aware, which places the two halves.</summary>
    public static ImmutableArray<string> Names { get; } = [.. RoutingPolicies.Names, SloAwarePlanner.Name];

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for a name that is not known. A policy that predicts does so by
    /// <paramref name="predictors"/>; null = by its own.
    /// </summary>
    public static IRoutePlanner Create(RoutingOptions options, LatencyPredictors? predictors = null) => options.Policy == SloAwarePlanner.Name
        ? new SloAwarePlanner(options, predictors)
        : new RoutePlanner(RoutingPolicies.Create(options), options.PrefillScale);
}
