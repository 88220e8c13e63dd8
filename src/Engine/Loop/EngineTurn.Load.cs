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
    private void SampleFirst(EngineRequest request) => _maxTtft = double.MaxNumber(_maxTtft, request.FirstTokenSeconds);

    private void SampleNext(double seconds)
    {
        if (!double.IsNaN(seconds))
        {
            _gaps++;
            _gapSeconds += seconds;
        }
    }

    /// <summary>
    /// What a step's time says: of decoding, when it did nothing else, or of prompts. Prompts are sampled by the step and not by the
    /// request, whose own time to the first token holds the prompts of others too as soon as there are any.
    /// </summary>
    private void SampleStep(StepFrame done)
    {
        bool decodes = done.Input.TokenCount == done.Input.SequenceCount;
        if (decodes && _numbers.Steps % StepsToASample != 0)
        {
            return;
        }

        (int sequences, long kvTokens, long computed, double pairs) = (0, 0, 0, 0);
        foreach (StepPart part in done.Parts)
        {
            if (part.Draft > 0)
            {
                return;
            }

            if (part.Tokens == 1)
            {
                sequences++;
                kvTokens += part.Start + 1;
            }
            else
            {
                computed += part.Tokens;
                pairs += part.Tokens * (part.Start + (part.Tokens / 2.0));
            }
        }

        double seconds = _time.GetElapsedTime(done.Started, done.Sampled).TotalSeconds;
        if (computed == 0)
        {
            _latencies.Add(new DecodeSample(kvTokens, sequences, seconds));
            return;
        }

        // Several prompts as one with as much attention: d tokens after p others look at d (p + d / 2).
        int held = (int)Math.Max(0, (pairs / computed) - (computed / 2.0));
        _latencies.Add(new PrefillSample((int)computed + held, held, seconds) { Decodes = sequences, KvTokens = kvTokens });
    }
}
