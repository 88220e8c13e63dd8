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

    /// <summary>What was sent and done since the reports in <see cref="Fleet"/>.</summary>
    public FlightLedger? Ledger { get; init; }

    /// <summary>Number of this decision; round-robin counts decode instances with it.</summary>
    public long Turn { get; init; }

    /// <summary>Number of Split plans before this decision; round-robin counts prefill instances with it.</summary>
    public long PrefillTurn { get; init; }

    /// <summary>Time of the decision; the slo-aware policy's pools need it.</summary>
    public DateTimeOffset Now { get; init; }
}
