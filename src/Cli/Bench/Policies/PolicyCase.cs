using XLLM.Cli.Cluster;

namespace XLLM.Cli.Bench.Policies;

/// <summary>A way to run a cluster that is compared with others: roles of its engines and the router's policy.</summary>
/// <param name="Name">As on the command line and in results.</param>
/// <param name="Policy">Of <c>Silo:Routing:Policy</c>.</param>
/// <param name="IsSplit">Half of the engines only prefill, the others only decode.</param>
internal sealed record PolicyCase(string Name, string Policy, bool IsSplit)
{
    /// <summary>
    /// Those that xLLM's report compares (5.3), with round robin and least load on a fixed split, and beside them least load without
    /// any split.
    /// </summary>
    public static IReadOnlyList<PolicyCase> Known { get; } =
    [
        new("slo-aware", "slo-aware", false),
        new("minimal-load", "least-loaded", true),
        new("round-robin", "round-robin", true),
        new("mixed", "least-loaded", false),
    ];

    /// <summary>Throws <see cref="ArgumentException"/> for a name that is not known.</summary>
    public static PolicyCase Find(string name) => Known.FirstOrDefault(c => c.Name == name) ?? throw new ArgumentException(
        $"--policies has '{name}'; known are {string.Join(", ", Known.Select(c => c.Name))}.");

    /// <summary>Roles of so many engines, at least 2.</summary>
    public EngineLayout Layout(int engines) => IsSplit
        ? EngineLayout.Of(null, engines / 2, engines - (engines / 2), auto: false)
        : EngineLayout.Of(engines, null, null, auto: false);
}
