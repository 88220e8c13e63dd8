using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Scheduling.Fleet;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster.State;

/// <summary>The configuration file of one process: what the cluster says, and what the node is.</summary>
internal static class NodeConfiguration
{
    /// <summary>Bytes of each engine's KV file.</summary>
    public const string DiskBytesKey = "Silo:Engines:0:Kv:DiskBytes";

    /// <summary>Writes it into the state folder.</summary>
    public static void Write(StateFolder folder, ClusterSpec spec, NodeSpec node) => StateFolder.WritePrivate(
        folder.ConfigOf(node.Name), Of(folder, spec, node).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

    public static JsonObject Of(StateFolder folder, ClusterSpec spec, NodeSpec node)
    {
        JsonObject root = [];
        // A gateway has no engine, so settings of engines are not for it.
        IEnumerable<KeyValuePair<string, string>> further = spec.Settings.Where(
            x => node.Kind == NodeRole.Engine || !x.Key.StartsWith("Silo:Engines:", StringComparison.OrdinalIgnoreCase));
        foreach ((string key, string value) in Keys(folder, spec, node).Concat(further))
        {
            Put(root, key.Split(':'), value);
        }

        return root;
    }

    private static IEnumerable<KeyValuePair<string, string>> Keys(StateFolder folder, ClusterSpec spec, NodeSpec node)
    {
        FleetOptions fleet = FleetOptions.ForCluster();
        Dictionary<string, string> keys = new()
        {
            ["Cluster:Clustering"] = spec.Membership.ToString(),
            ["Cluster:Role"] = node.Kind.ToString(),
            ["Cluster:ClusterId"] = spec.ClusterId,
            ["Cluster:ServiceId"] = "xllm",
            ["Cluster:SiloPort"] = Text(node.SiloPort),
            ["Cluster:SecretFile"] = folder.SecretFile,
            ["Silo:Name"] = node.Name,
            // One host: a report costs little, and silence means more than between hosts.
            ["Silo:Fleet:ReportPeriod"] = fleet.ReportPeriod.ToString("c"),
            ["Silo:Fleet:SuspectAfter"] = fleet.SuspectAfter.ToString("c"),
            ["Silo:Fleet:DeadAfter"] = fleet.DeadAfter.ToString("c"),
        };
        switch (spec.Membership)
        {
            case ClusteringKind.Postgres:
                keys["Cluster:ConnectionString"] = spec.ConnectionString;
                break;
            case ClusteringKind.File:
                keys["Cluster:MembershipFile"] = folder.MembershipFile;
                break;
            case ClusteringKind.Localhost:
                keys["Cluster:PrimarySilo"] = "127.0.0.1:" + Text(spec.Nodes[0].SiloPort);
                break;
        }

        if (node.Kind == NodeRole.Gateway)
        {
            keys["Gateway:DataFolder"] = folder.Data;
            keys["Server:Host"] = spec.Host;
            keys["Server:Port"] = Text(node.HttpPort);
        }
        else
        {
            keys["Telemetry:MetricsPort"] = Text(node.HttpPort);
            keys["Silo:Engines:0:Model"] = spec.Model;
            keys["Silo:Engines:0:Name"] = spec.ModelName;
            keys["Silo:Engines:0:Role"] = node.Role;
            keys["Silo:Engines:0:Threads"] = Text(spec.Threads);
            if (spec.Settings.TryGetValue(DiskBytesKey, out string? disk) && disk != "0")
            {
                keys["Silo:Engines:0:Kv:DiskPath"] = folder.KvFileOf(node.Name);
            }
        }

        return keys;
    }

    private static void Put(JsonObject at, ReadOnlySpan<string> path, string value)
    {
        if (path.Length == 1)
        {
            at[path[0]] = value;
            return;
        }

        if (at[path[0]] is not JsonObject inner)
        {
            at[path[0]] = inner = [];
        }

        Put(inner, path[1..], value);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
