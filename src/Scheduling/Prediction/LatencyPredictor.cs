using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>Both latencies of one instance. One thread.</summary>
public sealed class LatencyPredictor(LatencyProfile profile)
{
    public TtftPredictor Ttft { get; } = new(profile.Prefill);

    public TpotPredictor Tpot { get; } = new(profile.Decode);

    /// <summary>Refines with what an instance measured since its last report.</summary>
    public void Observe(LatencyProfile recent)
    {
        foreach (PrefillSample sample in recent.Prefill)
        {
            Ttft.Observe(sample);
        }

        foreach (DecodeSample sample in recent.Decode)
        {
            Tpot.Observe(sample);
        }
    }
}
