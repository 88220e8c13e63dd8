using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Time of a step that decodes a batch: <c>c0 + c1 batch + c2 tokens</c>, where tokens is the KV of all its sequences. Fitted to
/// the start-up profile, refined by what is measured later. One thread.
/// </summary>
public sealed class TpotPredictor
{
    /// <summary>Time of a step taken until a sample is known: a guess, but never 0.</summary>
    public const double PriorSeconds = 0.02;

    /// <summary>Time of one more sequence taken until a sample is known.</summary>
    public const double PriorSecondsPerSequence = 1e-3;

    private const int Features = 3;
    private readonly NonNegativeFit _fit = new([PriorSeconds, PriorSecondsPerSequence, 0]);

    /// <summary>An empty profile leaves the prior.</summary>
    public TpotPredictor(IReadOnlyList<DecodeSample> profile)
    {
        double weight = Math.Min(1, NonNegativeFit.MostProfileWeight / Math.Max(1, profile.Count));
        Span<double> features = stackalloc double[Features];
        foreach (DecodeSample sample in profile)
        {
            if (Fill(sample, features))
            {
                _fit.Anchor(features, sample.Seconds, weight);
                Samples++;
            }
        }
    }

    /// <summary>Samples taken in; those that cannot be (an empty batch, no time) are passed over.</summary>
    public long Samples { get; private set; }

    /// <summary>Error over the samples that came after the profile.</summary>
    public PredictionError Error { get; } = new();

    /// <summary>c0..c2, in seconds per unit of their feature, >= 0.</summary>
    public ReadOnlySpan<double> Coefficients => _fit.Coefficients;

    /// <summary>The samples tell all coefficients apart.</summary>
    public bool IsDetermined => _fit.IsDetermined;

    /// <summary>Seconds > 0 of a step with so much KV and so many sequences.</summary>
    public double Seconds(long kvTokens, int batch)
    {
        Span<double> features = [1, Math.Max(1, batch), Math.Max(0, kvTokens)];
        return _fit.Predict(features);
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

    /// <summary>Refines with a sample measured in service.</summary>
    public void Observe(DecodeSample sample)
    {
        Span<double> features = stackalloc double[Features];
        if (!Fill(sample, features))
        {
            return;
        }

        Error.Add(_fit.Predict(features), sample.Seconds);
        _fit.Observe(features, sample.Seconds);
        Samples++;
    }

    private static bool Fill(DecodeSample sample, Span<double> features)
    {
        if (sample.Batch < 1 || sample.KvTokens < 0 || !(sample.Seconds > 0) || !double.IsFinite(sample.Seconds))
        {
            return false;
        }

        features[0] = 1;
        features[1] = sample.Batch;
        features[2] = sample.KvTokens;
        return true;
    }
}
