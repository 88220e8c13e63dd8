using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Text;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// One continuation on its way to the client: checks the numbering of its chunks, turns tokens into text, and finds stop
/// strings. One thread: its session's reader.
/// </summary>
internal sealed class Choice(
    int index,
    InferenceRequest request,
    ITextStream text,
    StopStringFilter stops,
    ChoiceMetrics metrics,
    AnswerSplitter? splitter = null)
{
    private int _next;
    private int _run;
    private bool _promptSeen;

    /// <summary>Position among the choices of the HTTP request.</summary>
    public int Index => index;

    public InferenceRequest Request => request;

    public ChoiceMetrics Metrics => metrics;

    public ChoiceDelta Delta { get; } = new();

    /// <summary>What the client is told; <see cref="RequestOutcome.None"/> while it runs.</summary>
    public RequestOutcome Outcome { get; private set; }

    /// <summary>The house has ended it too: its last chunk came, or is not waited for any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Tokens generated, stop token not included.</summary>
    public int GeneratedTokens => _next;

    /// <summary>Prompt tokens that came from the prefix cache; known at the end.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Tool calls the answer has so far.</summary>
    public int ToolCalls => splitter?.Calls ?? 0;

    /// <summary>The stop string that ended it, if one did.</summary>
    public string? StopString => stops.Hit;

    /// <summary>The pooled hidden state, where that is what the request wanted and it has ended well; else empty.</summary>
    public ImmutableArray<float> Embedding { get; private set; } = [];

    /// <summary>The stop token that ended it, if one did.</summary>
    public int? StopToken { get; private set; }

    /// <summary>Takes the next chunk, which came at timestamp <paramref name="now"/>, into <see cref="Delta"/>.</summary>
    public ChunkVerdict Accept(TokenChunk chunk, long now)
    {
        if (Outcome != RequestOutcome.None)
        {
            NoteEnd(chunk);
            return ChunkVerdict.Taken;
        }

        if (chunk.FirstIndex > _next)
        {
            return ChunkVerdict.Gap;
        }

        // A later run computes the prompt again and tells it again.
        if (!chunk.Prompt.IsDefaultOrEmpty && !_promptSeen)
        {
            _promptSeen = true;
            Delta.Prompt.AddRange(chunk.Prompt.AsSpan());
        }

        int known = Math.Min(_next - chunk.FirstIndex, chunk.Tokens.Length);
        ReadOnlySpan<GeneratedToken> fresh = chunk.Tokens.AsSpan()[known..];
        if (_next + (long)fresh.Length > request.Stop.MaxTokens)
        {
            return ChunkVerdict.TooMany;
        }

        if (!fresh.IsEmpty)
        {
            metrics.OnTokens(fresh.Length, now, chunk.Run, resumed: chunk.Run != _run);
            _run = chunk.Run;
        }

        foreach (GeneratedToken token in fresh)
        {
            Take(token);
            if (stops.Hit is not null || splitter?.IsFull == true)
            {
                End(RequestOutcome.CompletedStop);
                NoteEnd(chunk);
                return IsClosed ? ChunkVerdict.Taken : ChunkVerdict.StopFound;
            }
        }

        NoteEnd(chunk);
        if (request.Pooling != PoolingKind.None && OutcomeIsGood(chunk))
        {
            Embedding = chunk.Embedding.IsDefault ? [] : chunk.Embedding;
            End(Embedding.IsEmpty ? RequestOutcome.EngineFailed : chunk.Outcome);
        }
        else if (OutcomeIsGood(chunk))
        {
            StopToken = chunk.StopToken;
            Emit(text.Finish());
            RequestOutcome outcome = stops.Hit is null ? chunk.Outcome : RequestOutcome.CompletedStop;
            Give(stops.Finish());
            End(outcome);
        }
        else if (chunk.Outcome != RequestOutcome.None)
        {
            Fail(chunk.Outcome);
        }

        return ChunkVerdict.Taken;
    }

    private static bool OutcomeIsGood(TokenChunk chunk) =>
        chunk.Outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength;

    /// <summary>Ends it in an error, or because nobody reads it any more.</summary>
    public void Fail(RequestOutcome outcome)
    {
        if (Outcome == RequestOutcome.None)
        {
            End(outcome);
        }
    }

    /// <summary>Its last chunk is not waited for.</summary>
    public void Close() => IsClosed = true;

    private void Take(GeneratedToken token)
    {
        _next++;
        if (request.Logprobs.Chosen)
        {
            Delta.Tokens.Add(token);
        }

        Emit(text.Append(token.Id));
    }

    // Stop strings count only in text beyond the least number of tokens.
    private void Emit(string piece) => Give(_next <= request.Stop.MinTokens ? stops.Pass(piece) : stops.Append(piece));

    private void Give(string piece)
    {
        if (splitter is null)
        {
            Delta.Append(piece);
        }
        else
        {
            splitter.Append(piece, Delta.Pieces);
        }
    }

    private void End(RequestOutcome outcome)
    {
        if (outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength)
        {
            splitter?.Finish(Delta.Pieces);
        }

        Outcome = outcome;
        Delta.Outcome = outcome;
    }

    private void NoteEnd(TokenChunk chunk)
    {
        if (chunk.Outcome != RequestOutcome.None)
        {
            IsClosed = true;
            CachedTokens = Math.Min(chunk.Usage?.CachedTokens ?? 0, request.PromptTokens.Length);
            metrics.OnUsage(chunk.Usage);
        }
    }
}
