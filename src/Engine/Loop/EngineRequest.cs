using XLLM.Contracts.Requests;
using XLLM.Engine.Sampling;
using XLLM.Engine.Speculation;
using XLLM.Engine.Structures;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// A request inside the engine. Owned by the engine's thread, apart from the wishes: other threads set those and post one
/// command, which is enough for any number of them.
/// </summary>
internal sealed class EngineRequest(InferenceRequest request, BlockHasher? hasher, int hiddenSize) : Sequence(request, hasher)
{
    private int _endWish;
    private int _pauseWish;
    private int _posted;
    private int _parked;

    public SamplerState Sampler { get; } =
        new(request.Sampling, request.Stop, request.PromptTokens.AsSpan(), request.Resumed.AsSpan());

    /// <summary>The prompt with log probabilities, filled as its chunks are computed; null when not wanted or sent.</summary>
    public GeneratedToken[]? ScoredTokens { get; set; } = NewScores(request);

    /// <summary>Its hidden states, pooled as chunks are computed; null = they are not wanted.</summary>
    public HiddenPool? Pool { get; } =
        request.Pooling == PoolingKind.None ? null : new(request.Pooling, request.PromptTokens.Length, hiddenSize);

    /// <summary>
    /// Logits of its prompt's last row, kept for other samples of the same prompt; null when there are none. Set where the step
    /// is sampled, taken by the engine's thread afterwards.
    /// </summary>
    public float[]? LastPromptRow { get; set; }

    /// <summary>Its part in the running step, or in the last one it was in.</summary>
    public int RunningPart { get; set; }

    /// <summary>
    /// What a step will give it is known beforehand, apart from the token itself: the next step can be planned meanwhile.
    /// </summary>
    public bool IsPredictable => !WantsAllRows;

    /// <summary>Tokens drawn that count, a stop token among them.</summary>
    public int Accepted { get; set; } = request.Resumed.AsSpan().Length;

    /// <summary>Keeps its output within the structure wanted; null = any output.</summary>
    public OutputGuide? Guide { get; init; }

    /// <summary>It is in no step until its guide is ready. Engine's thread.</summary>
    public bool AwaitsGuide { get; set; }

    /// <summary>What speculation knows of it; null = nothing yet.</summary>
    public DraftSlot? Speculation { get; set; }

    /// <summary>A draft of its next tokens would pay.</summary>
    public bool WantsDraft { get; set; }

    /// <summary>Tokens given out in chunks, by earlier runs too.</summary>
    public int Emitted { get; set; } = request.Resumed.AsSpan().Length;

    /// <summary>It has its outcome.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Where its KV goes when only that is wanted; null = it samples.</summary>
    public KvPrefill? Prefill { get; init; }

    /// <summary>It waits for KV from elsewhere and is in no step. Any thread.</summary>
    public bool IsParked
    {
        get => Volatile.Read(ref _parked) != 0;
        init => _parked = value ? 1 : 0;
    }

    /// <summary>When it goes on even so.</summary>
    public DateTimeOffset ParkedUntil { get; set; }

    public double QueueSeconds { get; set; } = double.NaN;

    public double KvSeconds { get; set; } = double.NaN;

    /// <summary>Tokens whose KV was there when it joined its first batch.</summary>
    public int FoundTokens { get; set; }

    public double FirstTokenSeconds { get; set; } = double.NaN;

    public double LastTokenSeconds { get; set; } = double.NaN;

    /// <summary>How somebody outside wants the request to end; None = not.</summary>
    public RequestOutcome EndWish => (RequestOutcome)Volatile.Read(ref _endWish);

    public bool PauseWish => Volatile.Read(ref _pauseWish) != 0;

    /// <summary>It shall be in no step from now on. Any thread.</summary>
    public bool WantsRest => EndWish != RequestOutcome.None || PauseWish;

    /// <summary>The first wish to end counts.</summary>
    public void WishEnd(RequestOutcome outcome) => Interlocked.CompareExchange(ref _endWish, (int)outcome, 0);

    public void WishPause(bool paused) => Volatile.Write(ref _pauseWish, paused ? 1 : 0);

    /// <summary>Any thread, with how much of what it will find counts as cached. False = it was not parked.</summary>
    public bool Unpark(int cachedTokens = int.MaxValue)
    {
        if (Volatile.Read(ref _parked) != 0)
        {
            MostCached = cachedTokens;
        }

        return Interlocked.Exchange(ref _parked, 0) != 0;
    }

    /// <summary>True when the caller has to post the command; false when one is on its way.</summary>
    public bool TryPost() => Interlocked.Exchange(ref _posted, 1) == 0;

    /// <summary>The command has arrived; wishes from now on need another.</summary>
    public void Arrived() => Interlocked.Exchange(ref _posted, 0);

    public double SecondsSinceArrival(DateTimeOffset now) => Math.Max(0, (now - Request.Arrival).TotalSeconds);

    public RequestUsage Usage() => new()
    {
        PromptTokens = PromptLength,
        CachedTokens = CachedTokens,
        GeneratedTokens = Accepted,
        Preemptions = Preemptions,
        QueueSeconds = QueueSeconds,
        FirstTokenSeconds = FirstTokenSeconds,
        LastTokenSeconds = LastTokenSeconds,
        KvSeconds = KvSeconds,
        FoundTokens = FoundTokens,
    };

    public bool IsStopToken(int token) =>
        Request.Stop.StopTokenIds is { IsDefault: false } stops && stops.Contains(token);

    private static GeneratedToken[]? NewScores(InferenceRequest request) =>
        request.Logprobs.Prompt && request.Resumed.IsDefaultOrEmpty ? [.. request.PromptTokens.Select(token => new GeneratedToken(token))] : null;
}
