using System.Collections.Immutable;

namespace XLLM.Scheduling.Routing;

/// <summary>The policies by name.</summary>
public static class RoutingPolicies
{
    /// <summary>The report's name for least-loaded.</summary>
    public const string MinimalLoad = "minimal-load";

    /// <summary>Names that <see cref="Create"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } = ["round-robin", "least-loaded", "cache-aware", MinimalLoad];

    /// <summary>Throws <see cref="ArgumentException"/> for a name that is not known.</summary>
    public static IRoutingPolicy Create(RoutingOptions options) => options.Policy switch
    {
        "round-robin" => new RoundRobinPolicy(),
        "least-loaded" or MinimalLoad => new LeastLoadedPolicy(options.Policy),
        "cache-aware" => new CacheAwarePolicy(options.PrefixWeight, options.LoadWeight),
        _ => throw new ArgumentException(
            $"Unknown routing policy '{options.Policy}'; known are {string.Join(", ", Names)}.", nameof(options)),
    };
}
