using XLLM.Scheduling.Pages;

namespace XLLM.Cli.Bench.Kv;

/// <summary>What a load took of the block pool.</summary>
internal sealed record KvBenchResult
{
    /// <summary>Tokens that got KV.</summary>
    public required long Tokens { get; init; }

    /// <summary>Time in the planner.</summary>
    public required TimeSpan Planning { get; init; }

    /// <summary>Time of the engine's thread in mapping calls.</summary>
    public required TimeSpan Mapping { get; init; }

    /// <summary>Most blocks held at a time.</summary>
    public required int PeakHeld { get; init; }

    /// <summary>Most blocks at a time if every sequence had its whole context at once.</summary>
    public required int PeakContext { get; init; }

    /// <summary>Most blocks at a time if every sequence had prompt and longest output at once.</summary>
    public required int PeakReserved { get; init; }

    /// <summary>Of the run's pages; null without ranges.</summary>
    public PageCounts? Pages { get; init; }

    public double PlanningPerToken => Planning.TotalNanoseconds / Tokens;

    public double MappingPerToken => Mapping.TotalNanoseconds / Tokens;
}
