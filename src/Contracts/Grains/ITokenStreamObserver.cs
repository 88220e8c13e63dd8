using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>
/// A gateway's ear: chunks come straight from the instance, one message per engine step. At most one message of an instance is
/// unanswered, so messages arrive in order; steps made meanwhile share the next one. A call that fails means that the gateway
/// is gone: its requests end as cancelled.
/// </summary>
[Alias("xllm.ITokenStreamObserver")]
public interface ITokenStreamObserver : IGrainObserver
{
    /// <summary>
    /// Takes chunks of requests this gateway submitted; unknown ones are dropped. Must return at once: a reader that falls
    /// behind is paused by <see cref="IRequestGrain.SetPausedAsync"/>, not by waiting here.
    /// </summary>
    [ResponseTimeout("00:00:05")] // A message whose connection broke is lost, and its caller hears of it by this alone.
    [Alias("OnTokens")]
    Task OnTokensAsync(TokenBatch batch);

    /// <summary>
    /// The request goes on as run <paramref name="run"/>: chunks of older runs are dropped from now on. Answers the ids of the
    /// output tokens received so far, which the new run goes on after; null when the request is not known or has ended.
    /// </summary>
    [Alias("HandOver")]
    Task<ImmutableArray<int>?> HandOverAsync(RequestId request, int run);
}
