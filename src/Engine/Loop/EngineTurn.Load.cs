using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>What a load report says of the batch and of recent latencies. Nothing is allocated.</summary>
internal sealed partial class EngineTurn
{
    // Neighbouring steps are alike: a report's samples should not all be of the last few milliseconds.
    private const int StepsToASample = 8;

    private long _gaps;
    private double _gapSeconds;
    private double _maxTtft = double.NaN;

    private void CountRunning()
    {
        int prefilling = 0;
        long tokens = 0;
        for (int i = 0; i < _planner.Running.Count; i++)
        {
            Sequence sequence = _planner.Running[i];
            prefilling += sequence.Count - sequence.Computed > 1 ? 1 : 0;
            tokens += sequence.Computed;
        }

        (_numbers.Running, _numbers.Prefilling, _numbers.RunningTokens) = (_planner.Running.Count, prefilling, tokens);
        _latencies.Add(_gaps, _gapSeconds, _maxTtft);
        (_gaps, _gapSeconds, _maxTtft) = (0, 0, double.NaN);
    }

    /// <summary>The request has its first token in this engine.</summary>
    private void SampleFirst(EngineRequest request)
    {
        _maxTtft = double.MaxNumber(_maxTtft, request.FirstTokenSeconds);
        if (request.Preemptions == 0)
        {
            _latencies.Add(new PrefillSample(
                request.PromptLength, request.CachedTokens, Math.Max(0, request.FirstTokenSeconds - request.QueueSeconds)));
        }
    }

    private void SampleNext(double seconds)
    {
        if (!double.IsNaN(seconds))
        {
            _gaps++;
            _gapSeconds += seconds;
        }
    }

    /// <summary>A step that decoded one token of each sequence.</summary>
    private void SampleStep(StepFrame done)
    {
        if (done.Input.TokenCount != done.Input.SequenceCount || _numbers.Steps % StepsToASample != 0)
        {
            return;
        }

        long tokens = 0;
        foreach (StepPart part in done.Parts)
        {
            tokens += part.Start + part.Tokens;
        }

        _latencies.Add(new DecodeSample(
            tokens, done.Input.SequenceCount, _time.GetElapsedTime(done.Started, done.Sampled).TotalSeconds));
    }
}
