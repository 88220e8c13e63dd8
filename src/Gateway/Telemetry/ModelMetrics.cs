using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Telemetry;

/// <summary>What this gateway counted for one model.</summary>
internal sealed class ModelMetrics
{
    private readonly Counter[] _outcomes = [.. Enum.GetValues<RequestOutcome>().Select(_ => new Counter())];

    public Counter PromptTokens { get; } = new();

    public Counter GenerationTokens { get; } = new();

    public Histogram TimeToFirstToken { get; } = new(Buckets.FirstToken);

    public Histogram InterTokenLatency { get; } = new(Buckets.InterToken);

    /// <summary>From the last token of a run to the first of the next one, elsewhere.</summary>
    public Histogram FailoverGap { get; } = new(Buckets.InterToken);

    /// <summary>Mean time between the tokens of a request after its first.</summary>
    public Histogram TimePerOutputToken { get; } = new(Buckets.InterToken);

    /// <summary>Requests with a TTFT objective.</summary>
    public Attainment TtftObjective { get; } = new();

    /// <summary>Requests with a TPOT objective.</summary>
    public Attainment TpotObjective { get; } = new();

    /// <summary>Requests with any objective: met when all are.</summary>
    public Attainment Objectives { get; } = new();

    public Histogram EndToEnd { get; } = new(Buckets.Request);

    public Histogram QueueTime { get; } = new(Buckets.Request);

    public Histogram RequestPromptTokens { get; } = new(Buckets.Tokens);

    public Histogram RequestGenerationTokens { get; } = new(Buckets.Tokens);

    public void CountOutcome(RequestOutcome outcome) => _outcomes[(int)outcome].Add(1);

    public long OutcomesOf(RequestOutcome outcome) => _outcomes[(int)outcome].Value;
}
