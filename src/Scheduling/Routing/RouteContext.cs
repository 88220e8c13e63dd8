using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>Everything a decision depends on.</summary>
public sealed record RouteContext
{
    public required RouteRequest Request { get; init; }

    public required FleetSnapshot Fleet { get; init; }

    /// <summary>Leading blocks each instance is believed to hold; may be empty.</summary>
    public ImmutableArray<PrefixHit> Hits { get; init; } = [];

    /// <summary>Work sent since the reports in <see cref="Fleet"/>.</summary>
    public AssignmentLedger? Ledger { get; init; }

    /// <summary>Number of this decision; round-robin counts with it.</summary>
    public long Turn { get; init; }
}
