using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Time of a step that decodes a batch: <c>c0 + c1 batch + c2 tokens</c>, where tokens is the KV of all its sequences. Fitted to
/// the start-up profile, refined by what is measured later. One thread.
/// </summary>
public sealed class TpotPredictor(IReadOnlyList<DecodeSample> profile)
    : FittedLatency<DecodeSample>([PriorSeconds, PriorSecondsPerSequence, 0], profile)
{
    /// <summary>Time of a step taken until a sample is known: a guess, but never 0.</summary>
    public const double PriorSeconds = 0.02;

    /// <summary>Time of one more sequence taken until a sample is known.</summary>
    public const double PriorSecondsPerSequence = 1e-3;

    /// <summary>Seconds > 0 of a step with so much KV and so many sequences.</summary>
    public double Seconds(long kvTokens, int batch)
    {
        Span<double> features = [1, Math.Max(1, batch), Math.Max(0, kvTokens)];
        return Predict(features);
    }

    /// <summary>
    /// Most KV tokens a batch of sequences of <paramref name="tokensPerSequence"/> may hold so that a step takes at most
    /// <paramref name="seconds"/>; 0 = not even one does, <see cref="long.MaxValue"/> = no bound.
    /// </summary>
    public long MostTokens(double seconds, double tokensPerSequence)
    {
        ReadOnlySpan<double> c = Coefficients;
        double left = seconds - c[0];
        if (!(left > 0))
        {
            return 0;
        }

        double perToken = (c[1] / Math.Max(1, tokensPerSequence)) + c[2];
        double most = left / perToken;
        return most < long.MaxValue ? (long)most : long.MaxValue;
    }

    private protected override bool TryFill(DecodeSample sample, Span<double> features, out double seconds)
    {
        features[0] = 1;
        features[1] = sample.Batch;
        features[2] = sample.KvTokens;
        seconds = sample.Seconds;
        return sample.Batch >= 1 && sample.KvTokens >= 0;
    }
}
