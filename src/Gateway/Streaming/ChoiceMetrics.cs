using XLLM.Contracts.Requests;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Streaming;

/// <summary>When things happened to one generation, seen from the gateway. One thread: its session's reader.</summary>
internal sealed class ChoiceMetrics(ModelMetrics model, TimeProvider time, long arrived, GenerationRecord? record = null)
{
    private long _last;
    private int _tokens;

    /// <summary>Seconds from arrival to the first token; NaN = never came.</summary>
    public double FirstTokenSeconds { get; private set; } = double.NaN;

    /// <summary>What is remembered of it; null = nothing.</summary>
    public GenerationRecord? Record => record;

    /// <summary>What the engine measured; null until the end.</summary>
    public RequestUsage? Usage { get; private set; }

    public double ElapsedSeconds => time.GetElapsedTime(arrived).TotalSeconds;

    /// <summary>Mean seconds between two tokens after the first; NaN = there were not two.</summary>
    public double TokenSeconds =>
        _tokens < 2 ? double.NaN : (time.GetElapsedTime(arrived, _last).TotalSeconds - FirstTokenSeconds) / (_tokens - 1);

    /// <summary>
    /// Counts tokens of a run that came at timestamp <paramref name="now"/>; <paramref name="resumed"/>: the first of a run after another.
    /// </summary>
    public void OnTokens(int count, long now, int run, bool resumed)
    {
        record?.OnTokens(count, now, run);
        model.GenerationTokens.Add(count);
        _tokens += count;
        if (double.IsNaN(FirstTokenSeconds))
        {
            FirstTokenSeconds = time.GetElapsedTime(arrived, now).TotalSeconds;
            model.TimeToFirstToken.Observe(FirstTokenSeconds);
        }
        else
        {
            if (resumed)
            {
                model.FailoverGap.Observe(time.GetElapsedTime(_last, now).TotalSeconds);
            }

            model.InterTokenLatency.Observe(time.GetElapsedTime(_last, now).TotalSeconds);
        }

        _last = now;
    }

    public void OnUsage(RequestUsage? usage) => Usage = usage ?? Usage;

    /// <summary>Counts the end; call once.</summary>
    public void OnEnd(RequestOutcome outcome, InferenceRequest request, int generatedTokens)
    {
        record?.End(outcome, Usage);
        int promptTokens = request.PromptTokens.Length;
        model.CountOutcome(outcome);
        CountObjectives(outcome, request.Slo);
        if (outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength)
        {
            model.EndToEnd.Observe(ElapsedSeconds);
            model.RequestPromptTokens.Observe(promptTokens);
            model.RequestGenerationTokens.Observe(generatedTokens);
            model.TimePerOutputToken.Observe(TokenSeconds);
        }

        if (Usage is { } usage)
        {
            model.PromptTokens.Add(promptTokens);
            if (double.IsFinite(usage.QueueSeconds))
            {
                model.QueueTime.Observe(usage.QueueSeconds);
            }
        }
    }

    // One that failed has missed its objectives; of a client that left is known only what was missed by then.
    private void CountObjectives(RequestOutcome outcome, RequestSlo slo)
    {
        double first = double.IsNaN(FirstTokenSeconds) ? ElapsedSeconds : FirstTokenSeconds;
        bool late = first > slo.TtftSeconds;
        bool slow = TokenSeconds > slo.TpotSeconds;
        if (slo == RequestSlo.None || (outcome == RequestOutcome.Cancelled && !late && !slow))
        {
            return;
        }

        bool failed = outcome is not (RequestOutcome.CompletedStop or RequestOutcome.CompletedLength or RequestOutcome.Cancelled);
        if (double.IsFinite(slo.TtftSeconds))
        {
            model.TtftObjective.Count(!late && !(failed && double.IsNaN(FirstTokenSeconds)));
        }

        if (double.IsFinite(slo.TpotSeconds))
        {
            model.TpotObjective.Count(!slow && !failed);
        }

        model.Objectives.Count(!late && !slow && !failed);
    }
}
