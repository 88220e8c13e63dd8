using System.Text.Json.Nodes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster.Display;

/// <summary>What the supervisor says of processes, and a gateway of silos and instances, at one moment.</summary>
/// <param name="Spec">Null when there is no cluster.</param>
/// <param name="State">Of the supervisor.</param>
/// <param name="SupervisorRuns">The supervisor's process lives.</param>
/// <param name="Fleet">The gateway's answer; null when none answered.</param>
internal sealed record ClusterStatus(ClusterSpec? Spec, ClusterState State, bool SupervisorRuns, JsonObject? Fleet)
{
    public bool Runs => Spec is { Down: false } && SupervisorRuns;

    /// <summary>All of it, secrets left out.</summary>
    public JsonObject ToJson() => new()
    {
        ["running"] = Runs,
        ["supervisor"] = State.Supervisor?.Id,
        ["urls"] = new JsonArray([.. (Runs ? Spec!.Urls : []).Select(x => JsonValue.Create(x))]),
        ["model"] = Spec?.ModelName,
        ["membership"] = Spec?.Membership.ToString().ToLowerInvariant(),
        ["processes"] = new JsonArray([.. State.Nodes.Select(Process)]),
        ["fleet"] = Fleet?.DeepClone(),
    };

    private JsonObject Process(NodeState node) => new()
    {
        ["name"] = node.Name,
        ["phase"] = node.Phase.ToString().ToLowerInvariant(),
        ["pid"] = node.Process?.Id,
        ["restarts"] = node.Restarts,
        ["since"] = node.Since,
        ["url"] = Spec?.Nodes.FirstOrDefault(x => x.Name == node.Name) is { } spec ? Spec.UrlOf(spec) : null,
    };
}
