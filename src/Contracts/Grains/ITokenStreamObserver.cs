using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>A gateway's ear: chunks come straight from the instance, one message per engine step.</summary>
[Alias("xllm.ITokenStreamObserver")]
public interface ITokenStreamObserver : IGrainObserver
{
    /// <summary>Takes chunks of requests this gateway submitted; unknown ones are dropped.</summary>
    [OneWay]
    [Alias("OnTokens")]
    Task OnTokensAsync(TokenBatch batch);
}
