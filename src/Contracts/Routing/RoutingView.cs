using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Routing;

/// <summary>A router's state at one moment, for people to look at.</summary>
[GenerateSerializer, Immutable, Alias("xllm.RoutingView")]
public sealed record RoutingView
{
    /// <summary>Name of its policy.</summary>
    [Id(0)] public string Policy { get; init; } = "";

    [Id(1)] public ImmutableArray<InstanceAdvice> Instances { get; init; } = [];

    /// <summary>The newest moves between pools with the rule that made them, oldest first.</summary>
    [Id(2)] public ImmutableArray<string> Moves { get; init; } = [];

    /// <summary>Requests sent and not known to have ended.</summary>
    [Id(3)] public int InFlight { get; init; }

    /// <summary>
    /// Mean of |expected - measured| / measured over recent first tokens, from the plan to the token; NaN = the policy predicts none.
    /// </summary>
    [Id(4)] public double TtftError { get; init; } = double.NaN;
}
