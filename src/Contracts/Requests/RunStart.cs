using Orleans;
using XLLM.Contracts.Routing;

namespace XLLM.Contracts.Requests;

/// <summary>
/// One try to bring a run of a request onto an instance, as its request grain saw it. Times are in seconds since the request's arrival;
/// NaN = it did not get so far.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.RunStart")]
public sealed record RunStart
{
    /// <summary>Number of the run, from 0.</summary>
    [Id(0)] public int Run { get; init; }

    /// <summary>Where it was to run; null = nowhere.</summary>
    [Id(1)] public RoutePlan? Plan { get; init; }

    [Id(2)] public double BeganSeconds { get; init; } = double.NaN;

    /// <summary>The router had answered.</summary>
    [Id(3)] public double RoutedSeconds { get; init; } = double.NaN;

    /// <summary>The instance had promised room.</summary>
    [Id(4)] public double ReservedSeconds { get; init; } = double.NaN;

    /// <summary>The instance had the request.</summary>
    [Id(5)] public double StartedSeconds { get; init; } = double.NaN;

    /// <summary>Why it did not run there; <see cref="RequestOutcome.None"/> = it did.</summary>
    [Id(6)] public RequestOutcome Refusal { get; init; }

    /// <summary>What the refusal said.</summary>
    [Id(7)] public string? Message { get; init; }

    /// <summary>Why the run before it ended there: Lost, Failed or Drained; empty for the first run.</summary>
    [Id(8)] public string Cause { get; init; } = "";
}
