using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>Why no instance can take a request, in words for its sender.</summary>
internal static class RouteRefusal
{
    public static RouteDecision Of(RouteContext context, ImmutableArray<RouteVerdict> verdicts) =>
        new(Result(context, verdicts), verdicts);

    private static RouteResult Result(RouteContext context, ImmutableArray<RouteVerdict> verdicts)
    {
        string model = context.Request.Model;
        ImmutableArray<InstanceStatus> all = context.Fleet.Instances;
        if (all.Length > 0 && all.All(x => x.Descriptor.Model.Name != model))
        {
            string served = string.Join(", ", all.Select(x => x.Descriptor.Model.Name).Distinct().Order(StringComparer.Ordinal));
            return new RouteResult
            {
                Refusal = RequestOutcome.ModelNotFound,
                Message = $"The model '{model}' is not served here. Served: {served}.",
            };
        }

        string[] reasons = [.. verdicts.Where(x => x.FilteredBy is not (null or "model")).Select(x => x.ToString()).Distinct()];
        bool tooSmall = reasons.Length > 0 && verdicts.All(x => x.FilteredBy is "model" or "too-small");
        return new RouteResult
        {
            Refusal = tooSmall ? RequestOutcome.RejectedTooLong : RequestOutcome.NoInstance,
            Message = reasons.Length == 0
                ? $"No instance serves '{model}' yet."
                : $"No instance can take a request for '{model}' now: {string.Join("; ", reasons)}.",
        };
    }
}
