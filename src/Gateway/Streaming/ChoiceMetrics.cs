using XLLM.Contracts.Requests;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Streaming;

/// <summary>When things happened to one generation, seen from the gateway. One thread: its session's reader.</summary>
internal sealed class ChoiceMetrics(ModelMetrics model, TimeProvider time, long arrived, RequestRecord? record = null)
{
    private long _last;

    /// <summary>Seconds from arrival to the first token; NaN = never came.</summary>
    public double FirstTokenSeconds { get; private set; } = double.NaN;

    /// <summary>What is remembered of it; null = nothing.</summary>
    public RequestRecord? Record => record;

    /// <summary>What the engine measured; null until the end.</summary>
    public RequestUsage? Usage { get; private set; }

    public double ElapsedSeconds => time.GetElapsedTime(arrived).TotalSeconds;

    /// <summary>
    /// Counts tokens of a run that came at timestamp <paramref name="now"/>; <paramref name="resumed"/>: the first of a run after another.
    /// </summary>
    public void OnTokens(int count, long now, int run, bool resumed)
    {
        record?.OnTokens(count, now, run);
        model.GenerationTokens.Add(count);
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
    public void OnEnd(RequestOutcome outcome, int promptTokens, int generatedTokens)
    {
        record?.End(outcome, Usage);
        model.CountOutcome(outcome);
        if (outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength)
        {
            model.EndToEnd.Observe(ElapsedSeconds);
            model.RequestPromptTokens.Observe(promptTokens);
            model.RequestGenerationTokens.Observe(generatedTokens);
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
}
