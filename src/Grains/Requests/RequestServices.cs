using Microsoft.Extensions.Options;
using XLLM.Grains.Fleet;
using XLLM.Grains.Routing;
using XLLM.Grains.Telemetry;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Requests;

/// <summary>What the request grains of one silo share. A singleton.</summary>
internal sealed class RequestServices(
    FleetView fleet,
    RunWatch runs,
    RouterState router,
    RequestOutcomes outcomes,
    BlockHashKey hashKey,
    IOptions<RoutingOptions> routing,
    IOptions<RequestOptions> options,
    TimeProvider time)
{
    public FleetView Fleet => fleet;

    public RunWatch Runs => runs;

    public RouterState Router => router;

    public RequestOutcomes Outcomes => outcomes;

    public BlockHashKey HashKey => hashKey;

    public RoutingOptions Routing => routing.Value;

    public RequestOptions Options => options.Value;

    public TimeProvider Time => time;
}
