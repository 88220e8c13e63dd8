using System.Diagnostics;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Sampling;
using XLLM.Engine.Structures;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>
/// Samples the rows of a step where they lie, on all threads of the device: parts are taken from one counter, each by one
/// thread with scratch memory of its own, so which one does not matter. The order of a request's draws is that of its tokens.
/// </summary>
internal sealed class StepSampler : IThreadWork
{
    // Waking the device's threads costs about what scanning this many logits does.
    private const int LogitsWorthSharing = 32_768;

    private readonly IModelRunner _runner;
    private readonly int _vocabulary;
    private readonly Sampler?[] _samplers;
    private readonly TimeSpan _patience;
    private StepFrame? _frame;
    private long _deadline;
    private ReadOnlyMemory<float> _logits;
    private int _next;

    /// <param name="runner">Its threads draw.</param>
    /// <param name="patience">How long a step's draws wait for masks, all together.</param>
    public StepSampler(IModelRunner runner, TimeSpan patience)
    {
        _patience = patience;
        _runner = runner;
        _vocabulary = runner.Model.VocabularySize;
        _samplers = new Sampler?[runner.Threads];
    }

    /// <summary>Fills in the results of the frame's parts from its logits [outputs, vocabulary].</summary>
    public void Sample(StepFrame frame, ReadOnlyMemory<float> logits)
    {
        if (logits.Length == 0)
        {
            return;
        }

        (_frame, _logits, _next) = (frame, logits, 0);
        _deadline = DeadlineOf(_patience);
        if (_samplers.Length > 1 && logits.Length > _vocabulary && logits.Length >= LogitsWorthSharing)
        {
            _runner.RunOnThreads(this);
        }
        else
        {
            Run(0);
        }

        _frame = null;
        _logits = default;
    }

    public void Run(int thread)
    {
        StepFrame frame = _frame!;
        Sampler sampler = _samplers[thread] ??= new Sampler(_vocabulary);
        while (true)
        {
            int part = Interlocked.Increment(ref _next) - 1;
            if (part >= frame.Count)
            {
                return;
            }

            ref PartResult result = ref frame.Results[part];
            if (result.Verdict != PartVerdict.Dropped && frame.Parts[part].Outputs > 0)
            {
                SamplePart(frame.Parts[part], ref result, sampler);
            }
        }
    }

    /// <summary>The moment so far from now, as <see cref="Draw"/> wants it.</summary>
    public static long DeadlineOf(TimeSpan patience) =>
        Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);

    /// <summary>
    /// Draws the request's next token from a row of logits. One thread at a time for a request. A mask that is not known is
    /// waited for up to
    /// <paramref name="deadline"/>; then nothing has changed.
    /// </summary>
    public static PartResult Draw(EngineRequest request, ReadOnlySpan<float> row, Sampler sampler, long deadline)
    {
        OutputGuide? guide = request.Guide;
        if (guide is not null && Obstacle(guide, deadline) is { } obstacle)
        {
            return new PartResult { Verdict = obstacle };
        }

        if (!sampler.TrySample(row, request.Sampler, guide is null ? [] : guide.Mask, out int token))
        {
            return new PartResult { Verdict = PartVerdict.NotFinite };
        }

        if (guide is not null && !guide.TryTake(ref token, request.Sampler.Generated, deadline))
        {
            return new PartResult { Verdict = PartVerdict.Late };
        }

        if (guide is { Stage: GuideStage.Failed })
        {
            return new PartResult { Verdict = PartVerdict.Refused };
        }

        request.Sampler.Observe(token);
        LogprobOptions wanted = request.Request.Logprobs;
        bool stops = request.IsStopToken(token);
        bool isDescribed = !stops && (wanted.Chosen || wanted.Top > 0);
        return new PartResult
        {
            Token = isDescribed ? sampler.Describe(row, token, wanted.Top) : new GeneratedToken(token),
            Verdict = stops ? PartVerdict.Stopped : guide is { IsClosed: true } ? PartVerdict.Closed : PartVerdict.Computed,
        };
    }

    /// <summary>Why no token can be drawn now; null = one can.</summary>
    private static PartVerdict? Obstacle(OutputGuide guide, long deadline) => guide.Await(deadline) switch
    {
        GuideStage.Working => PartVerdict.Late,
        GuideStage.Failed => PartVerdict.Refused,
        _ => guide.IsClosed ? PartVerdict.Complete : null,
    };

    private void SamplePart(StepPart part, ref PartResult result, Sampler sampler)
    {
        EngineRequest request = (EngineRequest)part.Sequence;
        if (request.EndWish != RequestOutcome.None)
        {
            result.Verdict = PartVerdict.Dropped;
            return;
        }

        if (part.Samples)
        {
            if (request.Request.Group is not null && request.Sampler.Generated == 0)
            {
                request.LastPromptRow = Row(result.FirstOutput + part.Outputs - 1 - part.Draft).ToArray();
            }

            SampleRows(part, request, ref result, sampler);
        }

        if (result.Verdict == PartVerdict.NotFinite)
        {
            return;
        }

        if (request.WantsAllRows)
        {
            Score(request, part, result.FirstOutput, sampler);
        }
    }

    /// <summary>
    /// Draws row by row, as if each were a step of its own, while the token drawn is the one guessed for the next row: exact
    /// rejection sampling of guesses made with certainty, and the very tokens of plain decoding.
    /// </summary>
    private void SampleRows(StepPart part, EngineRequest request, ref PartResult result, Sampler sampler)
    {
        int first = result.FirstOutput + part.Outputs - 1 - part.Draft;
        while (SampleRow(first + result.Accepted, request, ref result, sampler)
            && result.Accepted < part.Draft && request.Draft[result.Accepted] == result.Token.Id)
        {
            _frame!.Accepted(result)[result.Accepted++] = result.Token;
        }
    }

    /// <summary>Draws a token; false when none can follow it.</summary>
    private bool SampleRow(int output, EngineRequest request, ref PartResult result, Sampler sampler)
    {
        PartResult drawn = Draw(request, Row(output), sampler, _deadline);
        (result.Verdict, result.Token) = (drawn.Verdict, drawn.Token);
        return drawn.Verdict == PartVerdict.Computed;
    }

    /// <summary>Gives the prompt's tokens their log probabilities: the row of a position scores the token after it.</summary>
    private void Score(EngineRequest request, StepPart part, int firstOutput, Sampler sampler)
    {
        for (int i = 0; i < part.Outputs; i++)
        {
            int next = part.Start + i + 1;
            if (next < request.PromptLength && next == request.ScoredPrompt + 1)
            {
                request.ScoredTokens![next] =
                    sampler.Describe(Row(firstOutput + i), request.Tokens[next], request.Request.Logprobs.Top);
                request.ScoredPrompt = next;
            }
        }
    }

    private ReadOnlySpan<float> Row(int output) => _logits.Span.Slice(output * _vocabulary, _vocabulary);
}
