using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>An instance as the slo-aware policy sees it for one request.</summary>
/// <param name="View">Its work.</param>
/// <param name="Pool">Its pool at the start of the decision.</param>
/// <param name="Offer">The cheapest way to begin the prompt there.</param>
/// <param name="QueueSeconds">Predicted time until its present prompts are computed.</param>
/// <param name="RideSeconds">What its decodes add to the request's own prompt.</param>
internal sealed record Candidate(InstanceView View, InstancePool Pool, PrefixOffer Offer, double QueueSeconds, double RideSeconds)
{
    /// <summary>Predicted time to the first token when the prompt goes there.</summary>
    public double TtftSeconds => QueueSeconds + RideSeconds + Offer.Seconds;
}
