using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Requests;

/// <summary>
/// How a request outlives its instance. The gateway says which tokens it has and drops what older runs still send; the next run
/// takes these tokens as generated and goes on after them. docs/mechanisms/failover.md has the whole.
/// </summary>
internal sealed partial class RequestGrain
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan GatewayTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EmptyFleetPatience = TimeSpan.FromSeconds(2);

    private readonly List<(InstanceId Instance, long Epoch)> _lost = [];
    private (InstanceId Instance, RequestOutcome Outcome, string? Error)? _early;
    private int _losses;

    // On the grain's turns, beside its calls: the phase keeps them apart.
    private async Task RecoverAsync(RequestOutcome reason, string? error)
    {
        try
        {
            await RecoverOnceAsync(reason, error);
        }
        catch (Exception e)
        {
            logger.RecoveryFailed(Id, e);
            await FailAsync(RequestOutcome.InstanceLost, $"The request could not go on elsewhere: {e.Message}");
        }
    }

    private async Task RecoverOnceAsync(RequestOutcome reason, string? error)
    {
        long began = services.Time.GetTimestamp();
        InstanceId from = _plan!.Decode;
        using Activity? span = XllmActivity.Begin("recover", _request?.TraceParent ?? "");
        span?.SetTag("xllm.request", Id.Value).SetTag(XllmActivity.InstanceTag, from.Value).SetTag("xllm.reason", reason.ToString());
        InstanceStatus? status = services.Fleet.Find(from);
        bool drained = reason == RequestOutcome.InstanceLost && status is { Health: InstanceHealth.Draining }
            && status.Descriptor.Epoch == _plan.Epoch;
        RecoveryCause cause = drained ? RecoveryCause.Drained
            : reason == RequestOutcome.EngineFailed ? RecoveryCause.Failed : RecoveryCause.Lost;
        logger.Lost(Id, _run, from, cause, error);
        _lost.Add((from, _plan.Epoch));
        _losses += drained ? 0 : 1;

        // A false alarm must not leave the old run going on: it is ended there too, and its chunks go nowhere.
        GrainFactory.GetGrain<IInstanceGrain>(from.Value).EndAsync(Id, RequestOutcome.Cancelled, _run).Ignore();
        _run++;
        _early = null;
        if (await HandOverAsync() is not { } tokens)
        {
            return;
        }

        if (_wanted != RequestOutcome.None)
        {
            await FailAsync(_wanted, null, tokens.Length);
            return;
        }

        if (tokens.Length >= _request!.Stop.MaxTokens)
        {
            // Only the last chunk was lost.
            await FailAsync(RequestOutcome.CompletedLength, null, tokens.Length);
            return;
        }

        if (_losses > services.Options.MaxRecoveries)
        {
            services.Outcomes.Recovered(cause, "none", services.Time.GetElapsedTime(began));
            await FailAsync(reason, $"{error} The request lost {_losses} instances, which is more than it may.", tokens.Length);
            return;
        }

        InferenceRequest request = _request with { Run = _run, Resumed = tokens, Group = null };
        _starts.Next(request, cause.ToString());
        if (drained)
        {
            request = request with { KvFrom = KvSources.HandedOver(request, status) };
        }

        SubmitResult result = await StartElsewhereAsync(request, began);
        if (!result.Accepted)
        {
            services.Outcomes.Recovered(cause, "none", services.Time.GetElapsedTime(began));
            RequestOutcome outcome = _wanted != RequestOutcome.None ? _wanted : reason;
            await FailAsync(outcome, $"{error} It could not go on elsewhere: {result.Message}", tokens.Length);
            return;
        }

        string way = result.Plan!.FetchFrom is not null || request.KvFrom is not null ? "fetch" : "recompute";
        TimeSpan elapsed = services.Time.GetElapsedTime(began);
        services.Outcomes.Recovered(cause, way, elapsed);
        logger.Recovered(Id, _run, result.Plan.Decode, elapsed, tokens.Length, way);
        await RunAsync(result.Plan);
    }

    // Null: there is nothing to go on with, and the request has its outcome.
    private async Task<ImmutableArray<int>?> HandOverAsync()
    {
        try
        {
            ImmutableArray<int>? tokens = await _gateway!.HandOverAsync(Id, _run).WaitAsync(GatewayTimeout, services.Time);
            if (tokens is null)
            {
                // It let go of the request, and says why by an end; or it has the last chunk, and only the report of that was lost.
                Finish(_wanted != RequestOutcome.None ? _wanted : RequestOutcome.CompletedStop);
            }

            return tokens;
        }
        catch (Exception e)
        {
            logger.GatewayGone(Id, e);
            Finish(RequestOutcome.Cancelled);
            return null;
        }
    }

    // Until one takes it, or the time is over. Lost instances are left out at first; later a live one may take the request again.
    private async Task<SubmitResult> StartElsewhereAsync(InferenceRequest request, long began)
    {
        ImmutableArray<InstanceId> excluded =
            [.. _lost.Where(x => services.Fleet.Find(x.Instance)?.Descriptor.Epoch <= x.Epoch).Select(x => x.Instance).Distinct()];
        while (true)
        {
            SubmitResult result = await TryStartAsync(request, excluded);
            bool over = services.Time.GetElapsedTime(began) >= services.Options.RecoveryTimeout;
            if (result.Accepted || over || _wanted != RequestOutcome.None || result.Rejection == RequestOutcome.RejectedTooLong)
            {
                return result;
            }

            logger.RecoveryWaits(Id, result.Message);
            excluded = [];
            await Task.Delay(RetryPeriod, services.Time);
        }
    }

    // Ends the request, and its stream at the gateway.
    private async Task FailAsync(RequestOutcome outcome, string? error, int generated = 0)
    {
        if (_phase == RequestPhase.Ended)
        {
            return;
        }

        var last = new TokenChunk
        {
            Request = Id,
            Run = _run,
            Outcome = outcome,
            Error = error,
            Usage = new RequestUsage { PromptTokens = _request!.PromptTokens.Length, GeneratedTokens = generated },
        };
        ITokenStreamObserver gateway = _gateway!;
        InstanceId instance = _plan!.Decode;
        Finish(outcome);
        try
        {
            await gateway.OnTokensAsync(new TokenBatch { Instance = instance, Chunks = [last] })
                .WaitAsync(GatewayTimeout, services.Time);
        }
        catch (Exception e)
        {
            logger.GatewayGone(Id, e);
        }
    }
}
