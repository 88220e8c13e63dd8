namespace XLLM.Gateway.Batches;

/// <summary>What an endpoint answered to a request of a batch.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON.</param>
/// <param name="RetryAfter">When to try again, as the answer says; null = it does not.</param>
internal sealed record LineAnswer(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>There was no room for it now: it is tried again.</summary>
    public bool IsOverload => Status is 429 or 503;
}
