using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Routing;

/// <summary>An instance that passed the filters, with what a policy may look at.</summary>
/// <param name="Status">As the fleet snapshot has it.</param>
/// <param name="HitTokens">Leading prompt tokens it is believed to hold.</param>
/// <param name="HitFraction">That share of the prompt, [0, 1].</param>
/// <param name="Load">0 = idle; grows with work and stays below 1. See <see cref="InstanceLoad"/>.</param>
/// <param name="Order">Position among the candidates, which are ordered by instance id.</param>
/// <param name="Count">How many candidates there are.</param>
/// <param name="Turn">Number of this decision at its router; grows by one.</param>
public readonly record struct RouteCandidate(
    InstanceStatus Status, int HitTokens, double HitFraction, double Load, int Order, int Count, long Turn);
