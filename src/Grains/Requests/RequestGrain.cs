using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Runtime;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Requests;

/// <summary>
/// Owns a request from submit to outcome, over as many runs as it takes. Lives beside the gateway that submitted it, so that it
/// dies with nobody but its client. Tokens do not pass through it.
/// </summary>
[PreferLocalPlacement]
[GrainType("xllm.request")]
internal sealed partial class RequestGrain(RequestServices services, ILogger<RequestGrain> logger) : Grain, IRequestGrain
{
    private RequestPhase _phase;
    private RequestOutcome _outcome;
    private RequestOutcome _wanted;
    private bool _paused;
    private InferenceRequest? _request;
    private ITokenStreamObserver? _gateway;
    private RoutePlan? _plan;
    private WatchedRun? _watched;
    private int _run;
    private IGrainTimer? _timer;
    private int _unansweredEnds;
    private readonly StartLog _starts = new(services.Time);

    private RequestId Id => new(this.GetPrimaryKeyString());

    public async Task<SubmitResult> SubmitAsync(InferenceRequest request, ITokenStreamObserver gateway)
    {
        if (_phase != RequestPhase.New)
        {
            return SubmitResult.Reject(RequestOutcome.RejectedInvalid, $"Request {Id} was submitted before.");
        }

        if (request.Id != Id)
        {
            return SubmitResult.Reject(
                RequestOutcome.RejectedInvalid, $"Request {request.Id} was submitted to the grain of {Id}.");
        }

        using Activity? span = XllmActivity.Begin("own", request.TraceParent);
        span?.SetTag("xllm.request", Id.Value);
        _phase = RequestPhase.Starting;
        _request = request;
        _run = request.Run;
        _gateway = gateway;
        _starts.Next(request);

        SubmitResult result = await StartFirstAsync(request) with { Starts = _starts.All };
        if (!result.Accepted)
        {
            // What the client asked for stands before what the cluster answered.
            RequestOutcome outcome = _wanted != RequestOutcome.None ? _wanted : result.Rejection;
            Finish(outcome);
            return result with { Rejection = outcome };
        }

        await RunAsync(result.Plan!);
        return result;
    }

    public async Task EndAsync(RequestOutcome outcome)
    {
        if (_phase == RequestPhase.Ended || _wanted != RequestOutcome.None || outcome == RequestOutcome.None)
        {
            return;
        }

        _wanted = outcome;
        if (_phase == RequestPhase.Running)
        {
            await TryEndRunAsync();
        }
        else if (_phase == RequestPhase.New)
        {
            await EndAnywhereAsync();
        }
    }

    public async Task SetPausedAsync(bool paused)
    {
        _paused = paused;
        if (_phase == RequestPhase.Running)
        {
            await TrySetPausedAsync();
        }
    }

    public Task OnFinishedAsync(InstanceId instance, int run, RequestOutcome outcome, RequestUsage usage, string? error)
    {
        switch (_phase)
        {
            case RequestPhase.New:
                // This activation is the heir of one that was lost, with the gateway beside it: the end counts all the same.
                Finish(IsLoss(outcome) ? RequestOutcome.Cancelled : outcome);
                break;
            case RequestPhase.Starting or RequestPhase.Recovering when run == _run:
                // It overtook the answer to its start.
                _early = (instance, outcome, error);
                break;
            case RequestPhase.Running when run == _run && _plan!.Decode == instance:
                EndRun(outcome, error);
                break;
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableArray<RunStart>> GetStartsAsync() => Task.FromResult(_starts.All);

    public Task<RequestOutcome> GetOutcomeAsync() => Task.FromResult(_outcome);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_phase is RequestPhase.Starting or RequestPhase.Running or RequestPhase.Recovering)
        {
            logger.Abandoned(Id, reason);
            StopWatching();
        }

        return Task.CompletedTask;
    }

    private static bool IsLoss(RequestOutcome outcome) => outcome is RequestOutcome.InstanceLost or RequestOutcome.EngineFailed;

    // Where instances were lost a moment ago, or are not up yet, one is worth waiting for.
    private async Task<SubmitResult> StartFirstAsync(InferenceRequest request)
    {
        long began = services.Time.GetTimestamp();
        while (true)
        {
            SubmitResult result = await TryStartAsync(request, []);
            TimeSpan waited = services.Time.GetElapsedTime(began);
            if (result.Rejection != RequestOutcome.NoInstance || _wanted != RequestOutcome.None
                || waited >= services.Options.RecoveryTimeout || !IsWorthWaiting(request.Model, waited))
            {
                return result;
            }

            logger.RecoveryWaits(Id, result.Message);
            await Task.Delay(RetryPeriod, services.Time);
        }
    }

    private bool IsWorthWaiting(string model, TimeSpan waited)
    {
        ImmutableArray<InstanceStatus> all = services.Fleet.Current.Instances;
        // A registry that has just moved knows nobody until the next reports.
        return all.IsEmpty
            ? waited < EmptyFleetPatience
            : all.Any(x => x.Descriptor.Model.Name == model && x.Health != InstanceHealth.Draining && x.Load.Fault is null);
    }

    private async Task<SubmitResult> TryStartAsync(InferenceRequest request, ImmutableArray<InstanceId> excluded)
    {
        try
        {
            var starter = new RequestStarter(GrainFactory, services, excluded, _starts, logger);
            return await starter.StartAsync(request, _gateway!, () => _wanted != RequestOutcome.None);
        }
        catch (Exception e)
        {
            logger.StartFailed(Id, e);
            return SubmitResult.Reject(RequestOutcome.NoInstance, $"No instance could be found for the request: {e.Message}");
        }
    }

    private async Task RunAsync(RoutePlan plan)
    {
        _plan = plan;
        _phase = RequestPhase.Running;
        _unansweredEnds = 0;
        _watched = new WatchedRun(_request!, _run, plan.Decode, plan.Epoch);
        services.Runs.Add(_watched);
        TimeSpan period = services.Options.WatchPeriod;
        _timer ??= this.RegisterGrainTimer(
            WatchAsync,
            new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = true, Interleave = true });
        logger.Running(Id, _run, plan.Decode, plan.Policy, plan.Fleet);
        (InstanceId Instance, RequestOutcome Outcome, string? Error)? ended = _early;
        _early = null;
        if (ended is { } early && early.Instance == plan.Decode)
        {
            EndRun(early.Outcome, early.Error);
            return;
        }

        if (_paused)
        {
            await TrySetPausedAsync();
        }

        if (_wanted != RequestOutcome.None)
        {
            await TryEndRunAsync();
        }
    }

    private void EndRun(RequestOutcome outcome, string? error)
    {
        if (!IsLoss(outcome))
        {
            Finish(outcome);
            return;
        }

        StopWatching();
        _phase = RequestPhase.Recovering;
        _ = RecoverAsync(outcome, error);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (_phase == RequestPhase.Running && _wanted != RequestOutcome.None)
        {
            await TryEndRunAsync();
        }
    }

    private async Task TryEndRunAsync()
    {
        // Said several times without an end coming: the report of the end was lost.
        const int MaxUnanswered = 5;
        InstanceId instance = _plan!.Decode;
        try
        {
            if (!_plan.IsMixed)
            {
                GrainFactory.GetGrain<IInstanceGrain>(_plan.Prefill.Value).EndAsync(Id, _wanted, _run).Ignore();
            }

            bool known = await GrainFactory.GetGrain<IInstanceGrain>(instance.Value).EndAsync(Id, _wanted, _run);
            if (!known && _phase == RequestPhase.Running && ++_unansweredEnds >= MaxUnanswered)
            {
                Finish(_wanted);
            }
        }
        catch (Exception e)
        {
            // The watch tries again, until the instance answers or is lost.
            logger.EndFailed(Id, instance, e);
        }
    }

    private async Task TrySetPausedAsync()
    {
        InstanceId instance = _plan!.Decode;
        try
        {
            await GrainFactory.GetGrain<IInstanceGrain>(instance.Value).SetPausedAsync(Id, _paused);
        }
        catch (Exception e)
        {
            logger.PauseFailed(Id, instance, e);
        }
    }

    // Either the end overtook its submit, or an earlier activation was lost with what it knew: ask every instance.
    private async Task EndAnywhereAsync()
    {
        foreach (InstanceStatus status in services.Fleet.Current.Instances.Where(x => x.Health != InstanceHealth.Dead))
        {
            try
            {
                await GrainFactory.GetGrain<IInstanceGrain>(status.Descriptor.Id.Value).EndAsync(Id, _wanted, int.MaxValue);
            }
            catch (Exception e)
            {
                logger.EndFailed(Id, status.Descriptor.Id, e);
            }
        }
    }

    private void StopWatching()
    {
        if (_watched is { } run)
        {
            services.Runs.Remove(run);
            _watched = null;
        }
    }

    private void Finish(RequestOutcome outcome)
    {
        if (_phase == RequestPhase.Ended)
        {
            return;
        }

        StopWatching();
        services.Runs.Forget(Id);
        services.Router.Ended(Id);
        GrainFactory.GetGrain<IRouterGrain>(0).OnEndedAsync(Id).Ignore();
        _phase = RequestPhase.Ended;
        _outcome = outcome;
        _gateway = null;
        _timer?.Dispose();
        services.Outcomes.Finished(outcome, _request?.Model ?? "");
        using (Activity? span = XllmActivity.Begin("end", _request?.TraceParent ?? ""))
        {
            span?.SetTag("xllm.request", Id.Value).SetTag("xllm.outcome", outcome.ToString());
        }

        _request = null;
        logger.Finished(Id, outcome);

        TimeSpan remember = services.Options.RememberFor;
        _timer = this.RegisterGrainTimer(
            _ =>
            {
                DeactivateOnIdle();
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = remember, Period = Timeout.InfiniteTimeSpan, Interleave = true });
    }
}
