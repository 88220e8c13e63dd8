using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Requests;

namespace XLLM.Testing.Cluster;

/// <summary>One request as its gateway sees it.</summary>
public sealed class TestStream(InferenceRequest request, IRequestGrain grain)
{
    private readonly Lock _gate = new();
    private readonly List<GeneratedToken> _tokens = [];
    private readonly Channel<TokenChunk> _chunks = Channel.CreateUnbounded<TokenChunk>();
    private readonly TaskCompletionSource<TokenChunk> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InferenceRequest Request { get; } = request;

    public IRequestGrain Grain { get; } = grain;

    /// <summary>What submit answered.</summary>
    public SubmitResult Answer { get; set; } = new();

    /// <summary>Chunks in order of arrival.</summary>
    public ChannelReader<TokenChunk> Chunks => _chunks.Reader;

    /// <summary>Faults seen: gaps, repeated tokens, chunks after the last one.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Tokens received so far.</summary>
    public int[] Tokens
    {
        get
        {
            lock (_gate)
            {
                return [.. _tokens.Select(x => x.Id)];
            }
        }
    }

    /// <summary>Tokens received so far with their log probabilities, in words, to be compared.</summary>
    public string[] Details
    {
        get
        {
            lock (_gate)
            {
                return [.. _tokens.Select(x => $"{x.Id} {x.Logprob:R} {string.Join(' ', x.Top.IsDefault ? [] : x.Top)}")];
            }
        }
    }

    /// <summary>Waits for the chunk with the outcome.</summary>
    public Task<TokenChunk> LastAsync() => _last.Task.Within($"the end of {Request.Id}");

    /// <summary>Waits for the next chunk.</summary>
    public Task<TokenChunk> NextAsync() => _chunks.Reader.ReadAsync().AsTask().Within($"the next chunk of {Request.Id}");

    /// <summary>The outcome its grain has, as soon as it has one: it learns of it after the gateway.</summary>
    public async Task<RequestOutcome> OutcomeAsync()
    {
        while (true)
        {
            RequestOutcome outcome = await Grain.GetOutcomeAsync().Within($"the outcome of {Request.Id}");
            if (outcome != RequestOutcome.None)
            {
                return outcome;
            }
        }
    }

    /// <summary>Runs that the stream was handed over to.</summary>
    public int Run { get; private set; }

    /// <summary>Chunks of older runs that came late and were dropped.</summary>
    public int Dropped { get; private set; }

    internal ImmutableArray<int>? HandOver(int run)
    {
        lock (_gate)
        {
            if (_last.Task.IsCompleted || run < Run)
            {
                return null;
            }

            Run = run;
            return [.. _tokens.Select(x => x.Id)];
        }
    }

    internal void Take(TokenChunk chunk)
    {
        lock (_gate)
        {
            if (chunk.Run < Run)
            {
                Dropped++;
                return;
            }

            if (chunk.Run > Run)
            {
                Faults.Add($"a chunk of run {chunk.Run} came before the hand-over to it: {chunk}");
            }

            if (_last.Task.IsCompleted)
            {
                Faults.Add($"a chunk came after the last one: {chunk}");
                return;
            }

            if (chunk.Tokens.Length > 0 && chunk.FirstIndex != _tokens.Count)
            {
                Faults.Add($"token {_tokens.Count} was expected and {chunk.FirstIndex} came");
            }

            _tokens.AddRange(chunk.Tokens);
            _chunks.Writer.TryWrite(chunk);
            if (chunk.Outcome != RequestOutcome.None)
            {
                _last.TrySetResult(chunk);
            }
        }
    }
}
