using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// A request's tokens, how many of them have KV, and the blocks that hold it. What is known but not computed is pending: the
/// whole prompt at first, one token while decoding, prompt and output after a pre-emption. Owned by the planner; one thread.
/// </summary>
public class Sequence
{
    // Room for so many generated tokens is taken at the start, so that a long answer takes no memory on the way.
    private const int Reserve = 8_192;

    private readonly BlockHasher? _hasher;
    private int[] _tokens;
    private BlockHash[] _hashes = [];
    private int _hashCount;
    private bool _collided;

    /// <summary>
    /// A sequence of the request's prompt and of the output it is resumed with, which counts as generated. Without a <paramref name="hasher"/> it neither uses nor feeds the prefix cache; nor
    /// does a request that brings no hashes for its full blocks, or wants the prompt's log probabilities or more of it pooled than the
    /// last token. The hashes are
    /// computed here, so that all of the cache is named by one key.
    /// </summary>
    public Sequence(InferenceRequest request, BlockHasher? hasher)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfZero(request.PromptTokens.Length);
        Request = request;
        PromptLength = request.PromptTokens.Length;
        ReadOnlySpan<int> resumed = request.Resumed.AsSpan();
        _tokens = new int[PromptLength + Math.Max(resumed.Length, Math.Clamp(request.Stop.MaxTokens, 1, Reserve))];
        request.PromptTokens.CopyTo(_tokens);
        resumed.CopyTo(_tokens.AsSpan(PromptLength));
        Count = PromptLength + resumed.Length;
        WantsPromptScores = request.Logprobs.Prompt && resumed.Length == 0;
        SamplesNothing = request.Pooling != PoolingKind.None;

        bool hasBlocks = hasher is not null && PromptLength >= hasher.BlockTokens;
        bool wanted = !WantsPromptScores && request.Pooling is PoolingKind.None or PoolingKind.Last
            && (!hasBlocks || !request.BlockHashes.IsDefaultOrEmpty);
        if (hasher is not null && wanted)
        {
            _hasher = hasher;
            ImmutableArray<BlockHash> hashes = hasher.HashPrompt(request.PromptTokens.AsSpan(), request.CacheSalt);
            _hashes = new BlockHash[RoomInBlocks(hasher.BlockTokens)];
            hashes.CopyTo(_hashes);
            _hashCount = hashes.Length;
        }
    }

    public InferenceRequest Request { get; }

    public int PromptLength { get; }

    /// <summary>Tokens known, prompt and output.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens generated.</summary>
    public int Generated => Count - PromptLength;

    /// <summary>It goes on after output that another engine generated.</summary>
    public bool IsResumed => !Request.Resumed.IsDefaultOrEmpty;

    /// <summary>Tokens whose KV is in the blocks.</summary>
    public int Computed { get; internal set; }

    /// <summary>Tokens the running step computes; 0 when the sequence is in none.</summary>
    public int InFlight { get; internal set; }

    /// <summary>The running step will give one more token, which the next step may count on without knowing it.</summary>
    public bool AwaitsToken { get; internal set; }

    /// <summary>First token that the next step computes.</summary>
    public int Next => Computed + InFlight;

    /// <summary>Tokens known, or awaited from the running step.</summary>
    public int Length => Count + (AwaitsToken ? 1 : 0);

    /// <summary>
    /// Tokens that the next step can compute, >= 1 while the sequence lives; 0 while the running step gives its last token,
    /// or nobody knows how many.
    /// </summary>
    public int Pending => Length - Next;

    /// <summary>Known tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Blocks in order of position; valid as memory until the next plan.</summary>
    public BlockTable Table { get; } = new();

    /// <summary>Range of addresses in which its blocks follow each other; -1 = they are found by the table alone.</summary>
    public int Range { get; internal set; } = -1;

    public SequenceStage Stage { get; internal set; }

    /// <summary>Place in the order of arrival.</summary>
    public long Order { get; internal set; }

    /// <summary>Only its KV, or its pooled hidden state, is wanted: it has ended when all known tokens are computed.</summary>
    public bool SamplesNothing { get; init; }

    /// <summary>Not planned while true; its blocks stay unless nothing else is left to let others run.</summary>
    public bool Paused { get; set; }

    /// <summary>Prompt tokens found in the prefix cache at the first admission; what was resumed does not count.</summary>
    public int CachedTokens { get; internal set; }

    /// <summary>Of what it finds at its first admission so many tokens count as cached; others were computed for it elsewhere.</summary>
    public int MostCached { get; set; } = int.MaxValue;

    /// <summary>Times it lost its blocks.</summary>
    public int Preemptions { get; internal set; }

    /// <summary>It has been in a batch.</summary>
    public bool Admitted { get; internal set; }

    /// <summary>It may wait no longer than its deadline. Once it was in a batch, of whatever engine, it may.</summary>
    internal DateTimeOffset? Deadline => Admitted || IsResumed ? null : Request.QueueDeadline;

    /// <summary>Prompt tokens after the first that have been given their log probability, in order.</summary>
    public int ScoredPrompt { get; set; }

    /// <summary>The prompt's log probabilities are wanted; they were sent with the first token, so never when resumed.</summary>
    public bool WantsPromptScores { get; }

    /// <summary>Every row's logits are wanted, because the prompt's log probabilities are not complete.</summary>
    public bool WantsAllRows => WantsPromptScores && ScoredPrompt < PromptLength - 1;

    /// <summary>Uses the prefix cache.</summary>
    public bool IsCacheable => _hasher is not null && !_collided;

    /// <summary>Leading blocks that are in the prefix index.</summary>
    internal int Committed { get; set; }

    /// <summary>
    /// Guesses of the tokens after the known ones, which a step verifies. Each token appended answers the first of them; what
    /// is left goes when all are answered.
    /// </summary>
    public ReadOnlySpan<int> Draft => _tokens.AsSpan(Count, DraftLength);

    internal int DraftLength { get; private set; }

    /// <summary>The samples it belongs to; null = none.</summary>
    public ForkPoint? Fork { get; internal set; }

    /// <summary>The fork point's logits, for the first token of a sample that took its prompt over; the engine clears it.</summary>
    public object? PromptLogits { get; set; }

    /// <summary>It has its prompt's KV, or will never need it.</summary>
    internal bool IsServed { get; set; }

    /// <summary>Leading blocks that are in place in its range.</summary>
    internal int Placed { get; set; }

    /// <summary>Blocks after those whose mapping was ordered ahead of need.</summary>
    internal int OrderedAhead { get; set; }

    /// <summary>Tokens planned in the step being made.</summary>
    internal int Planned { get; set; }

    /// <summary>Blocks for the tokens that room is taken for.</summary>
    internal int RoomInBlocks(int blockTokens) => (_tokens.Length / blockTokens) + 1;

    /// <summary>Adds a generated token.</summary>
    public void Append(int token)
    {
        if (Count == _tokens.Length)
        {
            Array.Resize(ref _tokens, checked(_tokens.Length * 2));
        }

        _tokens[Count++] = token;
        DraftLength = Math.Max(0, DraftLength - 1);
    }

    /// <summary>Known tokens from a place on, and the draft after them.</summary>
    public ReadOnlySpan<int> Input(int start, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, Count + DraftLength - start);
        return _tokens.AsSpan(start, tokens);
    }

    internal void SetDraft(ReadOnlySpan<int> draft)
    {
        if (_tokens.Length - Count < draft.Length)
        {
            Array.Resize(ref _tokens, checked(Math.Max(_tokens.Length * 2, Count + draft.Length)));
        }

        draft.CopyTo(_tokens.AsSpan(Count));
        DraftLength = draft.Length;
    }

    /// <summary>Hash of a full block, hashing up to it where that was not done yet.</summary>
    internal BlockHash HashOf(int block)
    {
        BlockHasher hasher = _hasher ?? throw new InvalidOperationException("The sequence does not use the prefix cache.");
        while (_hashCount <= block)
        {
            if (_hashCount == _hashes.Length)
            {
                Array.Resize(ref _hashes, Math.Max(8, _hashes.Length * 2));
            }

            ReadOnlySpan<int> tokens = BlockOf(_hashCount, hasher.BlockTokens);
            _hashes[_hashCount] = _hashCount == 0
                ? hasher.First(tokens, Request.CacheSalt)
                : hasher.Next(_hashes[_hashCount - 1], tokens);
            _hashCount++;
        }

        return _hashes[block];
    }

    internal ReadOnlySpan<int> BlockOf(int block, int blockTokens) => Tokens.Slice(block * blockTokens, blockTokens);

    /// <summary>A hash of its chain names other content: nothing from there on can be shared.</summary>
    internal void StopCaching() => _collided = true;
}
