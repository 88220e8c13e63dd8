using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster;

/// <summary>Names and ports of processes.</summary>
internal static class NodeNaming
{
    /// <summary>The processes of a new cluster, gateways first.</summary>
    public static IReadOnlyList<NodeSpec> First(ClusterRequest request)
    {
        int[] ports = FreePorts.Take((2 * request.Layout.Roles.Count) + (2 * request.Gateways));
        int next = 0;
        List<NodeSpec> nodes = [];
        for (int i = 0; i < request.Gateways; i++)
        {
            int free = ports[next++];
            nodes.Add(new NodeSpec
            {
                Name = $"gateway-{i + 1}",
                Kind = NodeRole.Gateway,
                HttpPort = request.Port > 0 ? request.Port + i : free,
                SiloPort = ports[next++],
            });
        }

        foreach ((int index, string role) in request.Layout.Roles.Index())
        {
            nodes.Add(new NodeSpec
            {
                Name = $"engine-{index + 1}", Kind = NodeRole.Engine, Role = role, HttpPort = ports[next++], SiloPort = ports[next++],
            });
        }

        return nodes;
    }

    /// <summary>
    /// The same nodes with so many engines: new ones take the lowest free numbers and the role, and the highest numbers go first.
    /// </summary>
    public static IReadOnlyList<NodeSpec> WithEngines(IReadOnlyList<NodeSpec> nodes, int engines, string role)
    {
        List<NodeSpec> kept = [.. nodes.Where(x => x.Kind != NodeRole.Engine)];
        List<NodeSpec> now = [.. nodes.Where(x => x.Kind == NodeRole.Engine).OrderBy(NumberOf)];
        if (now.Count >= engines)
        {
            return [.. kept, .. now.Take(engines)];
        }

        int[] ports = FreePorts.Take(2 * (engines - now.Count));
        for (int number = 1, next = 0; now.Count < engines; number++)
        {
            if (now.All(x => NumberOf(x) != number))
            {
                now.Add(new NodeSpec
                {
                    Name = $"engine-{number}", Kind = NodeRole.Engine, Role = role, HttpPort = ports[next++], SiloPort = ports[next++],
                });
            }
        }

        return [.. kept, .. now.OrderBy(NumberOf)];
    }

    private static int NumberOf(NodeSpec node) => int.Parse(
        node.Name[(node.Name.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
}
