using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// What the silos of one cluster in this process share: the network between them, the membership table, the directory.
/// </summary>
internal sealed class InProcessFabric
{
    private static readonly ConcurrentDictionary<string, InProcessFabric> Fabrics = new(StringComparer.Ordinal);

    public InProcessNetwork Network { get; } = new();

    public InMemoryMembershipTable Table { get; } = new();

    public InProcessGrainDirectory Directory { get; } = new();

    /// <summary>The fabric of a development cluster: that of its id and primary silo.</summary>
    public static InProcessFabric Of(string clusterId, System.Net.IPEndPoint primary) =>
        Fabrics.GetOrAdd($"{clusterId}/{primary}", _ => new InProcessFabric());
}
