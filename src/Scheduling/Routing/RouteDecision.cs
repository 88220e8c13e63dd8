using System.Collections.Immutable;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>A plan or a refusal, with the reason for every instance. One verdict for each instance of the snapshot.</summary>
public sealed record RouteDecision(RouteResult Result, ImmutableArray<RouteVerdict> Verdicts)
{
    public string Explain() => string.Join("; ", Verdicts);
}
