using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Runtime;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Grains.Fleet;
using XLLM.Grains.Telemetry;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Requests;

/// <summary>
/// Owns a request from submit to outcome. Lives beside the gateway that submitted it, so that it dies with nobody but its
/// client. Tokens do not pass through it.
/// </summary>
[PreferLocalPlacement]
[GrainType("xllm.request")]
internal sealed class RequestGrain(
    FleetView fleet,
    RequestOutcomes outcomes,
    IOptions<RoutingOptions> routing,
    IOptions<FleetOptions> fleetOptions,
    IOptions<RequestOptions> options,
    TimeProvider time,
    ILogger<RequestGrain> logger) : Grain, IRequestGrain
{
    private RequestPhase _phase;
    private RequestOutcome _outcome;
    private RequestOutcome _wanted;
    private bool _paused;
    private string _model = "";
    private int _promptTokens;
    private ITokenStreamObserver? _gateway;
    private RoutePlan? _plan;
    private InstanceWatch? _instance;
    private IGrainTimer? _watch;
    private int _unansweredEnds;

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
        _model = request.Model;
        _promptTokens = request.PromptTokens.Length;
        _gateway = gateway;

        SubmitResult result = await TryStartAsync(request, gateway);
        if (!result.Accepted)
        {
            // What the client asked for stands before what the cluster answered.
            RequestOutcome outcome = _wanted != RequestOutcome.None ? _wanted : result.Rejection;
            Finish(outcome);
            return result with { Rejection = outcome };
        }

        Run(result.Plan!);
        if (_paused)
        {
            await TrySetPausedAsync();
        }

        if (_wanted != RequestOutcome.None)
        {
            await TryEndRunAsync();
        }

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

    public Task OnFinishedAsync(InstanceId instance, RequestOutcome outcome, RequestUsage usage)
    {
        // An activation that does not know the request is the heir of one that was lost: the end counts all the same.
        if (_plan is null || _plan.Decode == instance || _plan.Prefill == instance)
        {
            Finish(outcome);
        }

        return Task.CompletedTask;
    }

    public Task<RequestOutcome> GetOutcomeAsync() => Task.FromResult(_outcome);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_phase is RequestPhase.Starting or RequestPhase.Running)
        {
            logger.Abandoned(Id, reason);
        }

        return Task.CompletedTask;
    }

    private async Task<SubmitResult> TryStartAsync(InferenceRequest request, ITokenStreamObserver gateway)
    {
        try
        {
            var starter = new RequestStarter(GrainFactory, routing.Value.MaxAttempts, outcomes, logger);
            return await starter.StartAsync(request, gateway, () => _wanted != RequestOutcome.None);
        }
        catch (Exception e)
        {
            logger.StartFailed(Id, e);
            return SubmitResult.Reject(RequestOutcome.NoInstance, $"No instance could be found for the request: {e.Message}");
        }
    }

    private void Run(RoutePlan plan)
    {
        _plan = plan;
        _phase = RequestPhase.Running;
        _instance = new InstanceWatch(plan.Decode, plan.Epoch, fleetOptions.Value.DeadAfter);
        TimeSpan period = options.Value.WatchPeriod;
        _watch = this.RegisterGrainTimer(
            WatchAsync,
            new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = true, Interleave = true });
        logger.Running(Id, plan.Decode, plan.Policy, plan.Fleet);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (_phase != RequestPhase.Running)
        {
            return;
        }

        if (_instance!.IsLost(fleet.Current, time.GetUtcNow()))
        {
            await LoseAsync();
        }
        else if (_wanted != RequestOutcome.None)
        {
            await TryEndRunAsync();
        }
    }

    private async Task LoseAsync()
    {
        InstanceId instance = _plan!.Decode;
        ITokenStreamObserver gateway = _gateway!;
        RequestOutcome outcome = _wanted != RequestOutcome.None ? _wanted : RequestOutcome.InstanceLost;
        logger.Lost(Id, instance);
        Finish(outcome);

        // A false alarm must not leave the request running: it is ended there too, and its chunks go nowhere.
        GrainFactory.GetGrain<IInstanceGrain>(instance.Value).EndAsync(Id, RequestOutcome.Cancelled).Ignore();
        await TellGatewayAsync(gateway, instance, outcome);
    }

    private async Task TellGatewayAsync(ITokenStreamObserver gateway, InstanceId instance, RequestOutcome outcome)
    {
        try
        {
            var last = new TokenChunk
            {
                Request = Id,
                Outcome = outcome,
                Error = $"Instance {instance} was lost while it worked on the request.",
                Usage = new RequestUsage { PromptTokens = _promptTokens },
            };
            await gateway.OnTokensAsync(new TokenBatch { Instance = instance, Chunks = [last] });
        }
        catch (Exception e)
        {
            logger.GatewayGone(Id, e);
        }
    }

    private async Task TryEndRunAsync()
    {
        // Said several times without an end coming: the report of the end was lost.
        const int MaxUnanswered = 5;
        InstanceId instance = _plan!.Decode;
        try
        {
            bool known = await GrainFactory.GetGrain<IInstanceGrain>(instance.Value).EndAsync(Id, _wanted);
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
        try
        {
            await GrainFactory.GetGrain<IInstanceGrain>(_plan!.Decode.Value).SetPausedAsync(Id, _paused);
        }
        catch (Exception e)
        {
            logger.PauseFailed(Id, _plan!.Decode, e);
        }
    }

    // Either the end overtook its submit, or an earlier activation was lost with what it knew: ask every instance.
    private async Task EndAnywhereAsync()
    {
        foreach (InstanceStatus status in fleet.Current.Instances.Where(x => x.Health != InstanceHealth.Dead))
        {
            try
            {
                await GrainFactory.GetGrain<IInstanceGrain>(status.Descriptor.Id.Value).EndAsync(Id, _wanted);
            }
            catch (Exception e)
            {
                logger.EndFailed(Id, status.Descriptor.Id, e);
            }
        }
    }

    private void Finish(RequestOutcome outcome)
    {
        if (_phase == RequestPhase.Ended)
        {
            return;
        }

        _phase = RequestPhase.Ended;
        _outcome = outcome;
        _gateway = null;
        _watch?.Dispose();
        outcomes.Finished(outcome, _model);
        logger.Finished(Id, outcome);

        TimeSpan remember = options.Value.RememberFor;
        _watch = this.RegisterGrainTimer(
            _ =>
            {
                DeactivateOnIdle();
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = remember, Period = Timeout.InfiniteTimeSpan, Interleave = true });
    }
}
