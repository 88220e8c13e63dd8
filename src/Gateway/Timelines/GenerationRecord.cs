using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Timelines;

/// <summary>
/// When things happened to one generation, and how it went; neither its prompt nor its answer. Times are in seconds since its arrival, NaN
/// = not yet. Written by the thread that reads its tokens; a reader on another thread may see it between two chunks.
/// </summary>
internal sealed class GenerationRecord
{
    private readonly TimeProvider _time;
    private readonly long _arrived;
    private ImmutableArray<RunSeen> _runs = [];
    private volatile bool _ended;

    /// <summary>A record of <paramref name="request"/>, which arrived at timestamp <paramref name="arrived"/>.</summary>
    public GenerationRecord(InferenceRequest request, TimeProvider time, long arrived)
    {
        _time = time;
        _arrived = arrived;
        Id = request.Id;
        Model = request.Model;
        Arrival = request.Arrival;
        PromptTokens = request.PromptTokens.Length;
        MaxTokens = request.Stop.MaxTokens;
        Priority = request.Priority;
        Slo = request.Slo;
        EncodedSeconds = Now();
    }

    public RequestId Id { get; }

    public string Model { get; }

    public DateTimeOffset Arrival { get; }

    public int PromptTokens { get; }

    public int MaxTokens { get; }

    public RequestPriority Priority { get; }

    public RequestSlo Slo { get; }

    /// <summary>Name of the API key it came with; empty without keys.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How it came in; null = not by HTTP.</summary>
    public RequestOrigin? Origin { get; init; }

    /// <summary>Id of its HTTP request, as in the access log; empty = it was none.</summary>
    public string HttpId { get; init; } = "";

    public bool IsStream { get; init; }

    /// <summary>Position among the generations of its HTTP request.</summary>
    public int Choice { get; init; }

    /// <summary>Generations of its HTTP request.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Id of the answer that the client got; empty = not known here.</summary>
    public string AnswerId { get; set; } = "";

    /// <summary>Its prompt was tokens, with the hashes of their blocks.</summary>
    public double EncodedSeconds { get; }

    public double SubmittedSeconds { get; private set; } = double.NaN;

    /// <summary>The house had answered the submit.</summary>
    public double AcceptedSeconds { get; private set; } = double.NaN;

    public double FirstTokenSeconds => _runs.IsEmpty ? double.NaN : _runs[0].FirstSeconds;

    public double LastTokenSeconds => _runs.IsEmpty ? double.NaN : _runs[^1].LastSeconds;

    public double EndedSeconds { get; private set; } = double.NaN;

    /// <summary>Time that was spent on making text of its tokens.</summary>
    public double TextSeconds { get; private set; }

    /// <summary>Time from handing its text to the writer until that asked for more, a slow client's time included.</summary>
    public double AnswerSeconds { get; private set; }

    public int GeneratedTokens { get; private set; }

    public int CachedTokens { get; private set; }

    public RequestOutcome Outcome { get; private set; }

    /// <summary>What its last engine measured; null = it did not end there.</summary>
    public RequestUsage? Usage { get; private set; }

    /// <summary>How its runs were brought onto instances.</summary>
    public ImmutableArray<RunStart> Starts { get; private set; } = [];

    public ImmutableArray<RunSeen> Runs => _runs;

    public bool HasEnded => _ended;

    /// <summary>Seconds since its arrival.</summary>
    public double Now() => At(_time.GetTimestamp());

    public double At(long timestamp) => _time.GetElapsedTime(_arrived, timestamp).TotalSeconds;

    public void Submitted() => SubmittedSeconds = Now();

    public void Accepted(SubmitResult result)
    {
        AcceptedSeconds = Now();
        SetStarts(result.Starts);
    }

    public void SetStarts(ImmutableArray<RunStart> starts)
    {
        if (!starts.IsDefaultOrEmpty)
        {
            Starts = starts;
        }
    }

    public void OnTokens(int count, long now, int run)
    {
        double at = At(now);
        if (_runs.IsEmpty || _runs[^1].Run != run)
        {
            _runs = _runs.Add(new RunSeen(run, at));
        }

        _runs[^1].LastSeconds = at;
        _runs[^1].Tokens += count;
        GeneratedTokens += count;
    }

    public void OnText(TimeSpan elapsed) => TextSeconds += elapsed.TotalSeconds;

    public void OnAnswer(TimeSpan elapsed) => AnswerSeconds += elapsed.TotalSeconds;

    public void End(RequestOutcome outcome, RequestUsage? usage)
    {
        Outcome = outcome;
        Usage = usage;
        CachedTokens = Math.Min(usage?.CachedTokens ?? 0, PromptTokens);
        EndedSeconds = Now();
        _ended = true;
    }
}
