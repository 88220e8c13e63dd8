using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Routing;
using XLLM.Scheduling.Tests.Fleet;
using XLLM.Scheduling.Tests.Roles;

namespace XLLM.Scheduling.Tests.Routing;

/// <summary>
/// Instances for the slo-aware policy: 1e-4 s a prompt token, 10 ms and 1e-6 s a KV token a decode step, 64 KB a block. Objectives
/// are 1 s to the first token and 0.1 s between tokens.
/// </summary>
internal sealed class SloFleet
{
    private readonly SortedDictionary<string, InstanceStatus> _instances = new(StringComparer.Ordinal);
    private int _requests;

    public RoutingOptions Options { get; } = new()
    {
        Policy = SloAwarePlanner.Name, TtftSeconds = 1, TpotSeconds = 0.1, ChunkTokens = 512,
        TtftAcceptShare = 1, TtftSafeShare = 1, TpotSafeShare = 1, LendShare = 0, LateLimit = 0, Colocate = false,
    };

    public SloAwarePlanner Planner => field ??= new SloAwarePlanner(Options);

    public FlightLedger Ledger { get; } = new();

    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    public ImmutableArray<PrefixHit> Hits { get; set; } = [];

    public FleetSnapshot Snapshot => new() { Version = new FleetVersion(7), Instances = [.. _instances.Values] };

    public static SloFleet Of(int size)
    {
        SloFleet fleet = new();
        for (int i = 0; i < size; i++)
        {
            fleet.Load($"i{i}");
        }

        return fleet;
    }

    public SloFleet Load(
        string name, int prefills = 0, long prompt = 0, int decodes = 0, long tokens = 0, InstanceRole role = InstanceRole.Mixed,
        string? layout = "demo", string host = "", double interval = double.NaN)
    {
        InstanceDescriptor descriptor = PoolFleet.Descriptor(name, role);
        _instances[name] = new InstanceStatus
        {
            Descriptor = descriptor with
            {
                Kv = layout is null ? null : new KvEndpoint
                {
                    Instance = descriptor.Id, Epoch = 1, Host = "localhost", Port = 1, Layout = layout, BlockBytes = 65_536,
                    HostId = host, Capabilities = KvCapabilities.Tcp | KvCapabilities.SharedPages,
                },
            },
            Health = InstanceHealth.Ready,
            Load = Instances.Report(name, 1) with
            {
                Waiting = prefills, PendingPrefillTokens = prompt, Running = decodes, RunningTokens = tokens, TokenSeconds = interval,
            },
        };
        return this;
    }

    public void Set(string name, Func<InstanceStatus, InstanceStatus> change) => _instances[name] = change(_instances[name]);

    public RouteRequest Request(int tokens, SampleGroup? group = null, RequestSlo? slo = null) => new()
    {
        Request = new RequestId($"req-{_requests++}"), Model = "demo", PromptTokens = tokens, Group = group, Slo = slo ?? RequestSlo.None,
    };

    public RouteDecision Decide(RouteRequest request) => Planner.Plan(new RouteContext
    {
        Request = request, Fleet = Snapshot, Hits = Hits, Ledger = Ledger, Now = Now,
    });

    /// <summary>Plans, and lets the ledger know.</summary>
    public RoutePlan Send(RouteRequest request)
    {
        RoutePlan plan = Decide(request).Result.Plan!;
        Ledger.Scheduled(request, plan, Snapshot, Now);
        return plan;
    }

    public RoutePlan Plan(int tokens) => Decide(Request(tokens)).Result.Plan!;
}
