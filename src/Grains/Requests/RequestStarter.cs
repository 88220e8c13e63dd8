using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Requests;

/// <summary>
/// Brings one run of a request onto an instance: route, reserve, prefill. An instance that refuses or cannot be reached is
/// excluded and the request is planned again, a bounded number of times. One use; on its grain's turns.
/// </summary>
/// <param name="grains">The cluster.</param>
/// <param name="services">The silo's.</param>
/// <param name="excluded">Instances not to be planned for from the start.</param>
/// <param name="log">Is told how it goes.</param>
/// <param name="logger">The grain's.</param>
internal sealed class RequestStarter(
    IGrainFactory grains, RequestServices services, ImmutableArray<InstanceId> excluded, StartLog log, ILogger logger)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    private ImmutableArray<InstanceId> _excluded = excluded;
    private SubmitResult? _refusal;

    /// <summary>
    /// The plan that runs, or the refusal. <paramref name="ended"/> is asked after every wait; when it says yes nothing is left
    /// behind and the answer is a <see cref="RequestOutcome.Cancelled"/> refusal, unless the instance has the request already.
    /// What <see cref="InferenceRequest.KvFrom"/> names is used where the plan names nothing better.
    /// </summary>
    public async Task<SubmitResult> StartAsync(InferenceRequest request, ITokenStreamObserver gateway, Func<bool> ended)
    {
        int attempts = services.Routing.MaxAttempts;
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            log.Began();
            RouteResult route = await RouteAsync(request);
            log.Routed(route.Plan);
            if (ended())
            {
                return Ended();
            }

            if (route.Plan is not { } plan)
            {
                var none = SubmitResult.Reject(route.Refusal, route.Message ?? "No instance can take the request.");
                log.Refused(none);
                // With instances excluded, what they said is the better reason than that none is left.
                return _refusal ?? none;
            }

            if (await ReserveAsync(request, plan) is not { } lease)
            {
                continue;
            }

            // The plan may be from an old snapshot, and the instance have started anew since: it is its new life that answered.
            plan = plan with { Epoch = lease.Epoch };
            log.Reserved(plan);

            if (ended())
            {
                await WithdrawAsync(request, lease);
                return Ended();
            }

            if (await BeginAsync(request, plan, lease, gateway))
            {
                log.Started();
                return SubmitResult.Accept(plan);
            }

            if (ended())
            {
                return Ended();
            }
        }

        return _refusal ?? SubmitResult.Reject(RequestOutcome.NoInstance, $"{attempts} instances were tried in vain.");
    }

    private SubmitResult Ended()
    {
        var ended = SubmitResult.Reject(RequestOutcome.Cancelled, "The request was ended before it had started.");
        log.Refused(ended);
        return ended;
    }

    private async Task<RouteResult> RouteAsync(InferenceRequest request)
    {
        using Activity? span = XllmActivity.Step("route");
        var route = new RouteRequest
        {
            Request = request.Id,
            Model = request.Model,
            PromptTokens = request.PromptTokens.Length,
            BlockHashes = KvSources.Chain(request, services.Fleet.Current, services.HashKey),
            Priority = request.Priority,
            Excluded = _excluded,
            Slo = request.Slo,
            ResumedTokens = request.Resumed.AsSpan().Length,
            Group = request.Group,
            MaxTokens = request.Stop.MaxTokens - request.Resumed.AsSpan().Length,
        };
        try
        {
            return await grains.GetGrain<IRouterGrain>(0).PlanAsync(route);
        }
        catch (Exception e)
        {
            // Its silo has just gone: until it is back elsewhere this silo decides by what it sees, without prefixes.
            logger.RouterUnreachable(request.Id, e);
            return services.Router.Decide(route, []).Result;
        }
    }

    private async Task<KvLease?> ReserveAsync(InferenceRequest request, RoutePlan plan)
    {
        using Activity? span = XllmActivity.Step("reserve", plan.Decode);
        try
        {
            LeaseResult result = await WhileAliveAsync(
                grains.GetGrain<IDecodeGrain>(plan.Decode.Value).ReserveAsync(request), plan.Decode, plan.Epoch);
            if (result.Lease is { } lease)
            {
                return lease;
            }

            Exclude(request.Id, plan.Decode, SubmitResult.Reject(
                result.Refusal, result.Message ?? $"Instance {plan.Decode} refused the request.", result.RetryAfter));
        }
        catch (Exception e)
        {
            Lost(request.Id, plan.Decode, plan.Epoch, e);
        }

        return null;
    }

    private async Task<bool> BeginAsync(InferenceRequest request, RoutePlan plan, KvLease lease, ITokenStreamObserver gateway)
    {
        FleetSnapshot fleet = services.Fleet.Current;
        KvSource? fetch = KvSources.Fetch(plan, fleet) ?? KvSources.Other(request.KvFrom, plan);
        KvSource? push = KvSources.Push(request, plan, lease, fleet);
        bool started = push is null
            ? await TryAsync(() => grains.GetGrain<IPrefillGrain>(plan.Decode.Value).PrefillAsync(
                request with { KvFrom = fetch }, lease, gateway))
            : await TryAsync(() => grains.GetGrain<IDecodeGrain>(plan.Decode.Value).DecodeAsync(
                request with { KvFrom = push }, lease, gateway));
        if (!started)
        {
            // The answer may be lost and the request running: withdraw before it is started elsewhere.
            await WithdrawAsync(request, lease);
        }
        else if (push is not null)
        {
            _ = PushAsync(request with { KvFrom = fetch }, plan, lease, gateway);
        }

        return started;

        async Task<bool> TryAsync(Func<Task<SubmitResult>> start)
        {
            using Activity? span = XllmActivity.Step(push is null ? "start" : "start_decode", plan.Decode);
            try
            {
                SubmitResult result = await WhileAliveAsync(start(), plan.Decode, plan.Epoch);
                if (result.Accepted)
                {
                    return true;
                }

                Exclude(request.Id, plan.Decode, result);
            }
            catch (Exception e)
            {
                Lost(request.Id, plan.Decode, plan.Epoch, e);
            }

            return false;
        }
    }

    // The decode instance has the request: whatever happens here, it computes what does not come.
    private async Task PushAsync(InferenceRequest request, RoutePlan plan, KvLease lease, ITokenStreamObserver gateway)
    {
        using Activity? span = XllmActivity.Step("start_prefill", plan.Prefill);
        try
        {
            SubmitResult result = await WhileAliveAsync(
                grains.GetGrain<IPrefillGrain>(plan.Prefill.Value).PrefillAsync(request, lease, gateway), plan.Prefill, plan.PrefillEpoch);
            if (result.Accepted)
            {
                return;
            }

            logger.PrefillRefused(request.Id, plan.Prefill, plan.Decode, result.Message);
        }
        catch (Exception e)
        {
            logger.PrefillUnreachable(request.Id, plan.Prefill, plan.Decode, e);
            _ = services.Fleet.ReportUnreachableAsync(plan.Prefill, plan.PrefillEpoch);
        }

        services.Outcomes.PrefillLost();
    }

    private async Task WithdrawAsync(InferenceRequest request, KvLease lease)
    {
        try
        {
            Task release = grains.GetGrain<IDecodeGrain>(lease.Instance.Value).ReleaseAsync(request.Id, lease.Id, request.Run);
            await WhileAliveAsync(AnswerOf(release), lease.Instance, lease.Epoch);
        }
        catch (Exception e)
        {
            // Unused leases expire, and an instance that cannot be reached is ended by the fleet's watch.
            logger.WithdrawFailed(request.Id, lease.Instance, e);
        }
    }

    // A process that is stopped answers nothing and its calls hang for long: they are given up as soon as the fleet takes it for dead.
    private async Task<T> WhileAliveAsync<T>(Task<T> call, InstanceId instance, long epoch)
    {
        while (true)
        {
            try
            {
                return await call.WaitAsync(LookPeriod, services.Time);
            }
            catch (TimeoutException) when (!call.IsCompleted)
            {
                if (services.Fleet.Find(instance) is { } status
                    && (status.Health == InstanceHealth.Dead || status.Descriptor.Epoch > epoch))
                {
                    call.Ignore();
                    throw new TimeoutException($"Instance {instance} was taken for dead before it answered.");
                }
            }
        }
    }

    private static async Task<bool> AnswerOf(Task call)
    {
        await call;
        return true;
    }

    private void Lost(RequestId request, InstanceId instance, long epoch, Exception e)
    {
        _ = services.Fleet.ReportUnreachableAsync(instance, epoch);
        logger.InstanceUnreachable(request, instance, e);
        Exclude(request, instance, SubmitResult.Reject(
            RequestOutcome.NoInstance, $"Instance {instance} cannot be reached: {e.Message}"));
    }

    private void Exclude(RequestId request, InstanceId instance, SubmitResult refusal)
    {
        logger.Refused(request, instance, refusal.Rejection, refusal.Message);
        log.Refused(refusal);
        services.Outcomes.Replanned(refusal.Rejection);
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
