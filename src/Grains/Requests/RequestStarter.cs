using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Requests;

/// <summary>
/// Brings one request onto an instance: route, reserve, prefill. An instance that refuses or cannot be reached is excluded and
/// the request is planned again, a bounded number of times. One use; on its grain's turns.
/// </summary>
/// <param name="grains">The cluster.</param>
/// <param name="maxAttempts">Instances tried at most.</param>
/// <param name="outcomes">Counts attempts that failed.</param>
/// <param name="logger">The grain's.</param>
internal sealed class RequestStarter(IGrainFactory grains, int maxAttempts, RequestOutcomes outcomes, ILogger logger)
{
    private ImmutableArray<InstanceId> _excluded = [];
    private SubmitResult? _refusal;

    /// <summary>
    /// The plan that runs, or the refusal. <paramref name="ended"/> is asked after every wait; when it says yes nothing is left
    /// behind and the answer is a <see cref="RequestOutcome.Cancelled"/> refusal, unless the instance has the request already.
    /// </summary>
    public async Task<SubmitResult> StartAsync(InferenceRequest request, ITokenStreamObserver gateway, Func<bool> ended)
    {
        for (int attempt = 0; attempt < maxAttempts; attempt++)
        {
            RouteResult route = await RouteAsync(request);
            if (ended())
            {
                return Ended();
            }

            if (route.Plan is not { } plan)
            {
                // With instances excluded, what they said is the better reason than that none is left.
                return _refusal ?? SubmitResult.Reject(route.Refusal, route.Message ?? "No instance can take the request.");
            }

            if (await ReserveAsync(request, plan) is not { } lease)
            {
                continue;
            }

            if (ended())
            {
                await WithdrawAsync(request.Id, lease);
                return Ended();
            }

            if (await PrefillAsync(request, plan, lease, gateway))
            {
                return SubmitResult.Accept(plan);
            }

            if (ended())
            {
                return Ended();
            }
        }

        return _refusal ?? SubmitResult.Reject(RequestOutcome.NoInstance, $"{maxAttempts} instances were tried in vain.");
    }

    private static SubmitResult Ended() =>
        SubmitResult.Reject(RequestOutcome.Cancelled, "The request was ended before it had started.");

    private async Task<RouteResult> RouteAsync(InferenceRequest request)
    {
        using Activity? span = XllmActivity.Source.StartActivity("route");
        return await grains.GetGrain<IRouterGrain>(0).PlanAsync(new RouteRequest
        {
            Request = request.Id,
            Model = request.Model,
            PromptTokens = request.PromptTokens.Length,
            BlockHashes = request.BlockHashes,
            Priority = request.Priority,
            Excluded = _excluded,
        });
    }

    private async Task<KvLease?> ReserveAsync(InferenceRequest request, RoutePlan plan)
    {
        using Activity? span = XllmActivity.Source.StartActivity("reserve");
        span?.SetTag("xllm.instance", plan.Decode.Value);
        try
        {
            LeaseResult result = await grains.GetGrain<IDecodeGrain>(plan.Decode.Value).ReserveAsync(request);
            if (result.Lease is { } lease)
            {
                return lease;
            }

            Exclude(request.Id, plan.Decode, SubmitResult.Reject(
                result.Refusal, result.Message ?? $"Instance {plan.Decode} refused the request.", result.RetryAfter));
        }
        catch (Exception e)
        {
            Lost(request.Id, plan.Decode, e);
        }

        return null;
    }

    private async Task<bool> PrefillAsync(InferenceRequest request, RoutePlan plan, KvLease lease, ITokenStreamObserver gateway)
    {
        using Activity? span = XllmActivity.Source.StartActivity("prefill");
        span?.SetTag("xllm.instance", plan.Prefill.Value);
        try
        {
            SubmitResult result = await grains.GetGrain<IPrefillGrain>(plan.Prefill.Value).PrefillAsync(request, lease, gateway);
            if (result.Accepted)
            {
                return true;
            }

            Exclude(request.Id, plan.Prefill, result);
        }
        catch (Exception e)
        {
            Lost(request.Id, plan.Prefill, e);
        }

        // The answer may be lost and the request running: withdraw before it is started elsewhere.
        await WithdrawAsync(request.Id, lease);
        return false;
    }

    private async Task WithdrawAsync(RequestId request, KvLease lease)
    {
        try
        {
            await grains.GetGrain<IDecodeGrain>(lease.Instance.Value).ReleaseAsync(request, lease.Id);
        }
        catch (Exception e)
        {
            // Unused leases expire, and an instance that cannot be reached is ended by the fleet's watch.
            logger.WithdrawFailed(request, lease.Instance, e);
        }
    }

    private void Lost(RequestId request, InstanceId instance, Exception e)
    {
        logger.InstanceUnreachable(request, instance, e);
        Exclude(request, instance, SubmitResult.Reject(
            RequestOutcome.NoInstance, $"Instance {instance} cannot be reached: {e.Message}"));
    }

    private void Exclude(RequestId request, InstanceId instance, SubmitResult refusal)
    {
        logger.Refused(request, instance, refusal.Rejection, refusal.Message);
        outcomes.Replanned(refusal.Rejection);
        _excluded = _excluded.Add(instance);
        _refusal = Better(_refusal, refusal);
    }

    // A full queue is worth telling before anything else: the client may come again. Of two full ones, the sooner.
    private static SubmitResult Better(SubmitResult? known, SubmitResult other)
    {
        const RequestOutcome Full = RequestOutcome.RejectedCapacity;
        if (known is null || (other.Rejection == Full && known.Rejection != Full))
        {
            return other;
        }

        bool sooner = other.Rejection == known.Rejection && other.RetryAfter < known.RetryAfter;
        return sooner ? other : known;
    }
}
