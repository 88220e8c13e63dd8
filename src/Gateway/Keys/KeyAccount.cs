using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Keys;

/// <summary>A key and what it has used of its limits. Any thread.</summary>
internal sealed class KeyAccount
{
    private readonly TokenBucket? _requests;
    private readonly TokenBucket? _tokens;
    private readonly TimeProvider _time;
    private int _running;
    private long _requestCount;
    private long _tokenCount;
    private long _lastUsed;

    public KeyAccount(ApiKeyRecord key, TimeProvider time)
    {
        _time = time;
        Key = key;
        Hash = Convert.FromHexString(key.Hash);
        _requests = key.RequestsPerMinute is { } requests ? new TokenBucket(requests, time) : null;
        _tokens = key.TokensPerMinute is { } tokens ? new TokenBucket(tokens, time) : null;
    }

    public ApiKeyRecord Key { get; }

    public byte[] Hash { get; }

    /// <summary>HTTP requests so far.</summary>
    public long Requests => Volatile.Read(ref _requestCount);

    /// <summary>Prompt and generated tokens of answers so far.</summary>
    public long Tokens => Volatile.Read(ref _tokenCount);

    /// <summary>HTTP requests under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>What is left of the requests of this minute; null = there is no limit.</summary>
    public long? RequestsLeft => (long?)_requests?.Left;

    /// <summary>What is left of the tokens of this minute, below zero after a long answer; null = there is no limit.</summary>
    public long? TokensLeft => (long?)_tokens?.Left;

    /// <summary>The last request; null = none yet.</summary>
    public DateTimeOffset? LastUsed => Volatile.Read(ref _lastUsed) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

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

        Interlocked.Increment(ref _requestCount);
        Volatile.Write(ref _lastUsed, _time.GetUtcNow().UtcTicks);
        return new KeyUse(this);
    }

    public void Charge(int tokens)
    {
        Interlocked.Add(ref _tokenCount, tokens);
        _tokens?.Take(tokens);
    }

    public void Leave() => Interlocked.Decrement(ref _running);

    private ApiException Limited(string why, TimeSpan? wait) => new(
        new ApiError(DoorErrors.KeyLimit, $"The API key '{Key.Name}' is at its limit: {why}. Try again later.") { RetryAfter = wait });
}
