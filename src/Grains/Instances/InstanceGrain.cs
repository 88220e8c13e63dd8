using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Grains.Placement;

namespace XLLM.Grains.Instances;

/// <summary>
/// The door to one engine, with its prefill, decode and encode sides in one activation. Holds no state: the engine, its pump
/// and its heartbeat belong to the silo.
/// </summary>
[DevicePlacement]
[GrainType("xllm.instance")]
internal sealed class InstanceGrain(LocalInstances instances, TimeProvider time, ILogger<InstanceGrain> logger)
    : Grain, IInstanceGrain, IPrefillGrain, IDecodeGrain, IEncodeGrain
{
    private InstanceId Id => new(this.GetPrimaryKeyString());

    private string NotLoaded => $"Instance {Id} is not loaded.";

    public Task<InstanceStatus> DescribeAsync()
    {
        LocalInstance local = Find() ?? throw new InvalidOperationException(NotLoaded);
        return Task.FromResult(new InstanceStatus
        {
            Descriptor = local.Engine.Descriptor,
            Health = local.Health,
            Load = local.Engine.Load,
            Seen = time.GetUtcNow(),
        });
    }

    public async Task<LeaseResult> ReserveAsync(InferenceRequest request)
    {
        return Find() is { } local
            ? await local.Engine.ReserveAsync(request)
            : new LeaseResult { Refusal = RequestOutcome.NoInstance, Message = NotLoaded };
    }

    public async Task ReleaseAsync(RequestId request, long lease, int run)
    {
        if (Find() is not { } local)
        {
            return;
        }

        local.Engine.Release(request, lease);
        if (!local.Pump.HasNewer(request, run) && local.Pump.Close(request))
        {
            await local.Engine.EndAsync(request, RequestOutcome.Cancelled);
        }
    }

    public async Task<SubmitResult> PrefillAsync(InferenceRequest request, KvLease lease, ITokenStreamObserver gateway)
    {
        if (Find() is not { } local)
        {
            return SubmitResult.Reject(RequestOutcome.NoInstance, NotLoaded);
        }

        if (lease.Instance != Id)
        {
            return await local.Engine.PrefillForAsync(request, lease)
                ? new SubmitResult()
                : SubmitResult.Reject(RequestOutcome.NoInstance, $"Instance {Id} has no way for KV to {lease.Instance}.");
        }

        return await StartAsync(local, request, lease, gateway);
    }

    public async Task<SubmitResult> DecodeAsync(InferenceRequest request, KvLease lease, ITokenStreamObserver gateway) =>
        Find() is { } local
            ? await StartAsync(local, request, lease, gateway)
            : SubmitResult.Reject(RequestOutcome.NoInstance, NotLoaded);

    public async Task<bool> EndAsync(RequestId request, RequestOutcome outcome, int run) =>
        Find() is { } local && !local.Pump.HasNewer(request, run) && await local.Engine.EndAsync(request, outcome);

    public Task SetPausedAsync(RequestId request, bool paused)
    {
        Find()?.Engine.SetPaused(request, paused);
        return Task.CompletedTask;
    }

    public Task DrainAsync() => Find()?.DrainAsync() ?? Task.CompletedTask;

    public async Task<IReadOnlyList<string>> CheckIntegrityAsync()
    {
        LocalInstance local = Find() ?? throw new InvalidOperationException(NotLoaded);
        IReadOnlyList<string> engine = await local.Engine.CheckIntegrityAsync();
        // An array, not the compiler's own list type, which no serializer knows.
        return engine.Concat(local.Pump.CheckIntegrity()).ToArray();
    }

    public Task<string?> WhyUnavailableAsync() => Task.FromResult<string?>(
        Find() is { } local ? $"The model '{local.Engine.Descriptor.Model.Name}' has no vision tower." : NotLoaded);

    private async Task<SubmitResult> StartAsync(
        LocalInstance local, InferenceRequest request, KvLease lease, ITokenStreamObserver gateway)
    {
        if (!local.Pump.TryOpen(request.Id, request.Run, gateway))
        {
            return SubmitResult.Reject(RequestOutcome.RejectedInvalid, $"Request {request.Id} runs on {Id} already.");
        }

        local.Pump.Trace(request);
        try
        {
            if (await local.Engine.StartAsync(request, lease))
            {
                return new SubmitResult();
            }
        }
        catch (Exception e)
        {
            local.Pump.Close(request.Id);
            logger.StartFailed(request.Id, Id, e);
            return SubmitResult.Reject(RequestOutcome.EngineFailed, $"Instance {Id} could not start the request: {e.Message}");
        }

        local.Pump.Close(request.Id);
        return SubmitResult.Reject(RequestOutcome.NoInstance, $"The lease {lease.Id} of {Id} is stale.");
    }

    private LocalInstance? Find() => instances.Find(Id);
}
