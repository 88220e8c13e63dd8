using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>Owns one request from submit to its outcome. Key: <see cref="RequestId"/>.</summary>
[Alias("xllm.IRequestGrain")]
public interface IRequestGrain : IGrainWithStringKey
{
    /// <summary>Routes the request and starts it. Tokens then flow to <paramref name="gateway"/>. A second submit is refused.</summary>
    [Alias("Submit")]
    Task<SubmitResult> SubmitAsync(InferenceRequest request, ITokenStreamObserver gateway);

    /// <summary>Ends the request with this outcome (client left, stop string found). No effect once it has ended.</summary>
    [AlwaysInterleave]
    [Alias("End")]
    Task EndAsync(RequestOutcome outcome);

    /// <summary>The gateway's buffer for the request is full (true) or has room again (false).</summary>
    [AlwaysInterleave]
    [Alias("SetPaused")]
    Task SetPausedAsync(bool paused);

    /// <summary>
    /// The instance reports the end of a run of the request; may be repeated. A run on an instance that the request has moved
    /// away from is ignored.
    /// </summary>
    [Alias("OnFinished")]
    Task OnFinishedAsync(InstanceId instance, RequestOutcome outcome, RequestUsage usage);

    /// <summary>The outcome, or <c>None</c> while it runs.</summary>
    [AlwaysInterleave]
    [Alias("GetOutcome")]
    Task<RequestOutcome> GetOutcomeAsync();
}
