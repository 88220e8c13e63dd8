using System.Collections.Immutable;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Recovery;

/// <summary>A request whose instance was lost or is draining.</summary>
public sealed record InterruptedRequest
{
    /// <summary>What a router needs to know of it: prompt, tokens generated so far as <c>ResumedTokens</c>, instances to avoid.</summary>
    public required RouteRequest Route { get; init; }

    /// <summary>
    /// Seconds until it misses an objective when nothing comes; negative = missed already, infinite = it has none. See
    /// <see cref="RecoverySlack"/>.
    /// </summary>
    public double SlackSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Copies of leading blocks of its chain (prompt, then what is generated) that have survived, by instance.</summary>
    public ImmutableArray<PrefixHit> Copies { get; init; } = [];
}
