using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>One submitted request in the hands of a test.</summary>
internal sealed class ScriptedRun(InferenceRequest request, GatewayTokenHub hub)
{
    public const int EmbeddingSize = 4;

    private readonly Channel<bool> _pauses = Channel.CreateUnbounded<bool>();
    private int _next;
    private long _step;

    public InferenceRequest Request => request;

    public string PromptText => Encoding.UTF8.GetString([.. request.PromptTokens.Where(t => t < 256).Select(t => (byte)t)]);

    /// <summary>Completes when the gateway ends the request.</summary>
    public TaskCompletionSource<RequestOutcome> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When true, an end by the gateway is answered with a last chunk, as an engine does.</summary>
    public bool AnswersEnd { get; set; } = true;

    public int CachedTokens { get; set; }

    /// <summary>One chunk for each byte of the text, as far as the request's limit allows.</summary>
    public ScriptedRun Say(string text)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (_next < request.Stop.MaxTokens)
            {
                Push([TokenOf(b)]);
            }
        }

        return this;
    }

    /// <summary>All bytes of the text in one chunk.</summary>
    public ScriptedRun SayAtOnce(string text) => Push([.. Encoding.UTF8.GetBytes(text).Select(b => TokenOf(b))]);

    public ScriptedRun Push(ImmutableArray<GeneratedToken> tokens)
    {
        Send(new TokenChunk { Request = request.Id, FirstIndex = _next, Tokens = tokens });
        _next += tokens.Length;
        return this;
    }

    /// <summary>Sends the log probabilities of the prompt, as an engine does in its first chunk.</summary>
    public ScriptedRun EchoPrompt()
    {
        ImmutableArray<GeneratedToken> prompt =
            [.. request.PromptTokens.Select((t, i) => i == 0 ? new GeneratedToken(t) : TokenOf(t))];
        Send(new TokenChunk { Request = request.Id, FirstIndex = _next, Prompt = prompt });
        return this;
    }

    /// <summary>The last chunk, with <see cref="EmbeddingOf"/> the prompt.</summary>
    public SubmitResult Embed() => Finish(RequestOutcome.CompletedStop, embedding: [.. EmbeddingOf(request.PromptTokens)]);

    /// <summary>The toy's embedding: number of tokens, the last one, their sum, and 1.</summary>
    public static float[] EmbeddingOf(IReadOnlyList<int> tokens) => [tokens.Count, tokens[^1], tokens.Sum(), 1];

    /// <summary>The last chunk.</summary>
    public SubmitResult Finish(RequestOutcome outcome, string? error = null, int? stopToken = null, ImmutableArray<float> embedding = default)
    {
        Send(new TokenChunk
        {
            Request = request.Id,
            FirstIndex = _next,
            Outcome = outcome,
            Error = error,
            StopToken = stopToken,
            Embedding = embedding,
            Usage = new RequestUsage
            {
                PromptTokens = request.PromptTokens.Length,
                CachedTokens = CachedTokens,
                GeneratedTokens = _next,
                QueueSeconds = 0.25,
            },
        });
        return Accept();
    }

    public void Send(TokenChunk chunk) => Assert.True(
        hub.OnTokensAsync(new TokenBatch { Instance = ToyFleet.Instance, Step = _step++, Chunks = [chunk] }).IsCompletedSuccessfully);

    public static SubmitResult Accept() => SubmitResult.Accept(RoutePlan.Mixed(ToyFleet.Instance, default, 0, "test"));

    public async Task<bool> NextPauseAsync() => await _pauses.Reader.ReadAsync().AsTask().WaitAsync(TestTime.Limit);

    public void OnEnd(RequestOutcome outcome)
    {
        if (Ended.TrySetResult(outcome) && AnswersEnd)
        {
            Finish(outcome);
        }
    }

    public void OnPaused(bool paused) => _pauses.Writer.TryWrite(paused);

    /// <summary>A token with the log probabilities the request asks for: token t has -t/100, the next ones follow.</summary>
    public GeneratedToken TokenOf(int token) => new(token)
    {
        Logprob = request.Logprobs.Chosen ? -token / 100f : null,
        Top = request.Logprobs.Top > 0
            ? [.. Enumerable.Range(0, request.Logprobs.Top).Select(k => new TokenLogprob((token + k) % 256, -(token + k) / 100f))]
            : default,
    };
}
