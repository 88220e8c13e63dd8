using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Cluster;

/// <summary>GET /cluster: silos and instances as this gateway knows them. As open as /metrics, and as silent about requests.</summary>
internal sealed class ClusterEndpoint(IFleetView fleet, TimeProvider time, IEnumerable<ClusterLink> links, IClusterNodes? nodes = null)
{
    public async Task HandleAsync(HttpContext context)
    {
        FleetSnapshot snapshot = await fleet.GetAsync();
        // The rest is worth telling while the router is away.
        RoutingView routing = await fleet.GetRoutingAsync() ?? new RoutingView { Policy = "not reachable" };
        Dictionary<InstanceId, InstanceAdvice> advice = routing.Instances.ToDictionary(i => i.Instance);
        DateTimeOffset now = time.GetUtcNow();
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("fleet_version", snapshot.Version.Value);
            json.WriteStartArray("nodes");
            foreach (ClusterNode node in nodes?.Current ?? [])
            {
                Write(json, node);
            }

            json.WriteEndArray();
            json.WriteStartArray("instances");
            foreach (InstanceStatus instance in snapshot.Instances)
            {
                Write(json, instance, advice.TryGetValue(instance.Descriptor.Id, out InstanceAdvice known) ? known : null, now);
            }

            json.WriteEndArray();
            json.WriteStartObject("routing");
            json.WriteString("policy", routing.Policy);
            json.WriteNumber("in_flight", routing.InFlight);
            WriteKnown(json, "ttft_error", routing.TtftError);
            json.WriteStartArray("pool_moves");
            foreach (string move in routing.Moves)
            {
                json.WriteStringValue(move);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("links");
            foreach (ClusterLink link in links)
            {
                json.WriteStartObject();
                json.WriteString("name", link.Name);
                json.WriteString("path", link.Path);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, ClusterNode node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteString("address", node.Address);
        json.WriteString("status", node.Status.ToLowerInvariant());
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in node.Metadata.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, InstanceStatus instance, InstanceAdvice? advice, DateTimeOffset now)
    {
        InstanceDescriptor descriptor = instance.Descriptor;
        LoadReport load = instance.Load;
        json.WriteStartObject();
        json.WriteString("id", descriptor.Id.Value);
        json.WriteString("node", descriptor.Id.SiloName);
        json.WriteNumber("incarnation", descriptor.Epoch);
        json.WriteString("model", descriptor.Model.Name);
        json.WriteString("device", descriptor.Device);
        json.WriteString("role", descriptor.Role.ToString().ToLowerInvariant());
        if (advice is { Pool.Length: > 0 })
        {
            json.WriteString("pool", advice.Value.Pool);
        }

        json.WriteString("health", instance.Health.ToString().ToLowerInvariant());
        json.WriteNumber("seen_seconds_ago", Math.Max(0, (now - instance.Seen).TotalSeconds));
        json.WriteNumber("running", load.Running);
        json.WriteNumber("waiting", load.Waiting);
        json.WriteNumber("max_running", descriptor.MaxRunning);
        json.WriteNumber("pending_prefill_tokens", load.PendingPrefillTokens);
        json.WriteNumber("kv_blocks", descriptor.TotalBlocks);
        json.WriteNumber("kv_free_blocks", load.FreeBlocks);
        json.WriteNumber("block_tokens", descriptor.BlockTokens);
        json.WriteNumber("prompt_tokens", load.PromptTokens);
        json.WriteNumber("generated_tokens", load.GeneratedTokens);
        json.WriteNumber("prefix_query_tokens", load.PrefixQueryTokens);
        json.WriteNumber("prefix_hit_tokens", load.PrefixHitTokens);
        json.WriteNumber("preemptions", load.Preemptions);
        json.WriteNumber("prefilling", load.Prefilling);
        json.WriteNumber("running_tokens", load.RunningTokens);
        json.WriteNumber("kv_host_blocks", load.HostBlocks);
        json.WriteNumber("kv_disk_blocks", load.DiskBlocks);
        WriteKnown(json, "token_seconds", load.TokenSeconds);
        WriteKnown(json, "max_ttft_seconds", load.MaxTtftSeconds);
        if (advice is { } made)
        {
            json.WriteStartObject("predictor");
            json.WriteNumber("prefill_samples", made.PrefillSamples);
            json.WriteNumber("decode_samples", made.DecodeSamples);
            WriteKnown(json, "prefill_error", made.PrefillError);
            WriteKnown(json, "decode_error", made.DecodeError);
            WriteKnown(json, "prompt_share", made.PromptShare);
            json.WriteEndObject();
        }

        if (load.Fault is { } fault)
        {
            json.WriteString("fault", fault);
        }

        json.WriteEndObject();
    }

    // NaN says that there was none, and JSON has no NaN.
    private static void WriteKnown(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }
}
