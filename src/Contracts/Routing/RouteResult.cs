using Orleans;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Routing;

/// <summary>A plan, or why there is none (<c>ModelNotFound</c>, <c>NoInstance</c> or <c>RejectedCapacity</c>).</summary>
[GenerateSerializer, Immutable, Alias("xllm.RouteResult")]
public sealed record RouteResult
{
    [Id(0)] public RoutePlan? Plan { get; init; }

    [Id(1)] public RequestOutcome Refusal { get; init; }

    [Id(2)] public string? Message { get; init; }
}
