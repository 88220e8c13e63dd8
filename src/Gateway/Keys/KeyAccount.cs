using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Keys;

/// <summary>A key and what it has used of its limits. Any thread.</summary>
internal sealed class KeyAccount
{
    private readonly TokenBucket? _requests;
    private readonly TokenBucket? _tokens;
    private int _running;

    public KeyAccount(ApiKeyRecord key, TimeProvider time)
    {
        Key = key;
        Hash = Convert.FromHexString(key.Hash);
        _requests = key.RequestsPerMinute is { } requests ? new TokenBucket(requests, time) : null;
        _tokens = key.TokensPerMinute is { } tokens ? new TokenBucket(tokens, time) : null;
    }

    public ApiKeyRecord Key { get; }

    public byte[] Hash { get; }

    /// <summary>Begins a request; dispose the result at its end.</summary>
    /// <exception cref="ApiException">A limit is reached: 429, with the time to wait.</exception>
    public KeyUse Enter()
    {
        // One token must be left: what the answer will cost is not known yet.
        if (_tokens?.TryTake(1) is { } forTokens)
        {
            throw Limited($"its {Key.TokensPerMinute} tokens a minute are used up", forTokens);
        }

        _tokens?.Take(-1);
        if (Interlocked.Increment(ref _running) > (Key.Concurrency ?? int.MaxValue))
        {
            Leave();
            throw Limited($"its {Key.Concurrency} requests at a time are all running", null);
        }

        if (_requests?.TryTake(1) is { } forRequests)
        {
            Leave();
            throw Limited($"its {Key.RequestsPerMinute} requests a minute are used up", forRequests);
        }

        return new KeyUse(this);
    }

    public void Charge(int tokens) => _tokens?.Take(tokens);

    public void Leave() => Interlocked.Decrement(ref _running);

    private ApiException Limited(string why, TimeSpan? wait) => new(
        new ApiError(DoorErrors.KeyLimit, $"The API key '{Key.Name}' is at its limit: {why}. Try again later.") { RetryAfter = wait });
}
