using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Routing;

/// <summary>
/// Where a request runs. <c>Prefill == Decode</c> is a Mixed plan; two different instances are a Split plan, where KV moves
/// from the first to the second.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.RoutePlan")]
public sealed record RoutePlan
{
    [Id(0)] public required InstanceId Prefill { get; init; }

    [Id(1)] public required InstanceId Decode { get; init; }

    /// <summary>Version of the fleet the plan was made from.</summary>
    [Id(2)] public FleetVersion Fleet { get; init; }

    /// <summary>Prompt tokens whose KV the decode instance was believed to hold.</summary>
    [Id(3)] public int ExpectedHitTokens { get; init; }

    /// <summary>Name of the policy that decided.</summary>
    [Id(4)] public string Policy { get; init; } = "";

    /// <summary>Epoch of the decode instance the plan was made for.</summary>
    [Id(5)] public long Epoch { get; init; }

    /// <summary>Epoch of the prefill instance.</summary>
    [Id(6)] public long PrefillEpoch { get; init; }

    /// <summary>Instance to fetch leading blocks from before computing; null = none is worth it.</summary>
    [Id(7)] public InstanceId? FetchFrom { get; init; }

    /// <summary>Leading blocks to fetch.</summary>
    [Id(8)] public int FetchBlocks { get; init; }

    /// <summary>Time to the first token the policy expected, from the decision on; NaN = it does not predict.</summary>
    [Id(9)] public double ExpectedTtftSeconds { get; init; } = double.NaN;

    /// <summary>Why this plan, in the policy's words.</summary>
    [Id(10)] public string Reason { get; init; } = "";

    public bool IsMixed => Prefill == Decode;

    public static RoutePlan Mixed(InstanceId instance, FleetVersion fleet, int expectedHitTokens, string policy) =>
        new() { Prefill = instance, Decode = instance, Fleet = fleet, ExpectedHitTokens = expectedHitTokens, Policy = policy };
}
