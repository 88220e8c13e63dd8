using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>Both latencies of one instance. One thread.</summary>
public sealed class LatencyPredictor(LatencyProfile profile)
{
    // Of a step that mostly decodes, what is left for the prompts is noise.
    private const double LeastPromptShare = 0.25;

    public TtftPredictor Ttft { get; } = new(profile.Prefill);

    public TpotPredictor Tpot { get; } = new(profile.Decode);

    /// <summary>How busy prompts keep it.</summary>
    public PromptRate Prompts { get; } = new();

    /// <summary>Refines with what an instance measured since its last report.</summary>
    public void Observe(LatencyProfile recent)
    {
        foreach (DecodeSample sample in recent.Decode)
        {
            Tpot.Observe(sample);
        }

        foreach (PrefillSample sample in recent.Prefill)
        {
            double seconds = sample.Seconds - RideSeconds(sample);
            if (seconds >= sample.Seconds * LeastPromptShare)
            {
                Ttft.Observe(sample with { Seconds = seconds });
            }
        }
    }

    // What decodes add to a step that computes prompts anyway: its fixed cost is the prompts' too.
    private double RideSeconds(PrefillSample sample) => sample.Decodes < 1
        ? 0
        : Math.Max(0, Tpot.Seconds(sample.KvTokens, sample.Decodes) - Tpot.Coefficients[0]);
}
