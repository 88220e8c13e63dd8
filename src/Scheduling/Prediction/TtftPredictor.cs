using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Time an idle instance takes to a prompt's first token: <c>c0 + c1 d + c2 d^2 + c3 d p + c4 p</c> with d tokens to compute
/// and p held already (xLLM's engine model; its service knows no p). Fitted to the start-up profile, refined by what is measured
/// later. One thread.
/// </summary>
public sealed class TtftPredictor
{
    /// <summary>Time taken for a token until a sample is known, beside <see cref="PriorSeconds"/>.</summary>
    public const double PriorSecondsPerToken = 1e-3;

    /// <summary>Time taken for the first token until a sample is known: a guess, but never 0.</summary>
    public const double PriorSeconds = 0.02;

    private const int Features = 5;
    private readonly NonNegativeFit _fit = new([PriorSeconds, PriorSecondsPerToken, 0, 0, 0]);

    /// <summary>An empty profile leaves the prior.</summary>
    public TtftPredictor(IReadOnlyList<PrefillSample> profile)
    {
        double weight = Math.Min(1, NonNegativeFit.MostProfileWeight / Math.Max(1, profile.Count));
        Span<double> features = stackalloc double[Features];
        foreach (PrefillSample sample in profile)
        {
            if (Fill(sample, features))
            {
                _fit.Anchor(features, sample.Seconds, weight);
                Samples++;
            }
        }
    }

    /// <summary>Samples taken in; those that cannot be (no token computed, no time) are passed over.</summary>
    public long Samples { get; private set; }

    /// <summary>Error over the samples that came after the profile.</summary>
    public PredictionError Error { get; } = new();

    /// <summary>c0..c4, in seconds per unit of their feature, >= 0.</summary>
    public ReadOnlySpan<double> Coefficients => _fit.Coefficients;

    /// <summary>The samples tell all coefficients apart.</summary>
    public bool IsDetermined => _fit.IsDetermined;

    /// <summary>Seconds > 0 for a prompt of which <paramref name="cachedTokens"/> are held already.</summary>
    public double Seconds(long tokens, long cachedTokens)
    {
        Span<double> features = stackalloc double[Features];
        Fill(Math.Max(1, tokens - Math.Max(0, cachedTokens)), Math.Max(0, cachedTokens), features);
        return _fit.Predict(features);
    }

    /// <summary>Refines with a sample measured in service.</summary>
    public void Observe(PrefillSample sample)
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

    private static bool Fill(PrefillSample sample, Span<double> features)
    {
        if (sample.CachedTokens < 0 || sample.Tokens <= sample.CachedTokens
            || !(sample.Seconds > 0) || !double.IsFinite(sample.Seconds))
        {
            return false;
        }

        Fill(sample.Tokens - sample.CachedTokens, sample.CachedTokens, features);
        return true;
    }

    private static void Fill(double computed, double held, Span<double> features)
    {
        features[0] = 1;
        features[1] = computed;
        features[2] = computed * computed;
        features[3] = computed * held;
        features[4] = held;
    }
}
