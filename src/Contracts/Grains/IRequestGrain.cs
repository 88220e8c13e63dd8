using System.Collections.Immutable;
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
    /// The end of a run of the request, told by its instance, or as <c>InstanceLost</c> by whoever saw the instance go; may be
    /// repeated. After <c>InstanceLost</c> and <c>EngineFailed</c> the request goes on elsewhere. A run, or an instance, that the
    /// request has moved away from is ignored. <paramref name="error"/> says what went wrong.
    /// </summary>
    [Alias("OnFinished")]
    Task OnFinishedAsync(InstanceId instance, int run, RequestOutcome outcome, RequestUsage usage, string? error);

    /// <summary>All tries to bring a run onto an instance, oldest first; of very many only the first and the newest ones.</summary>
    [AlwaysInterleave]
    [Alias("GetStarts")]
    Task<ImmutableArray<RunStart>> GetStartsAsync();

    /// <summary>The outcome, or <c>None</c> while it runs.</summary>
    [AlwaysInterleave]
    [Alias("GetOutcome")]
    Task<RequestOutcome> GetOutcomeAsync();
}
