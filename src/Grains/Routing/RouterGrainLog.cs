using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Routing;

internal static partial class RouterGrainLog
{
    public static void Decided(this ILogger logger, RequestId request, RouteDecision decision)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        if (decision.Result.Plan is { } plan)
        {
            Planned(logger, request, plan.Prefill, plan.Decode, plan.Policy, plan.Fleet, decision.Explain());
        }
        else
        {
            Refused(logger, request, decision.Result, decision.Explain());
        }
    }

    [LoggerMessage(LogLevel.Warning, "The fleet registry cannot be reached.")]
    public static partial void RefreshFailed(this ILogger logger, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} is routed without prefix hits: their owner cannot be reached.")]
    public static partial void LookupFailed(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Debug,
        "Request {Request}: prefill {Prefill}, decode {Decode} by {Policy} at fleet {Version}. {Scores}")]
    private static partial void Planned(
        ILogger logger, RequestId request, InstanceId prefill, InstanceId decode, string policy,
        FleetVersion version, string scores);

    [LoggerMessage(LogLevel.Debug, "Request {Request}: no plan, {Result}. {Scores}")]
    private static partial void Refused(ILogger logger, RequestId request, RouteResult result, string scores);
}
