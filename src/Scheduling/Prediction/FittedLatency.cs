namespace XLLM.Scheduling.Prediction;

/// <summary>
/// A latency as a sum of features with coefficients >= 0: fitted to the start-up profile, refined by what is measured later. One
/// thread.
/// </summary>
public abstract class FittedLatency<TSample>
{
    private readonly NonNegativeFit _fit;
    private readonly int _features;

    /// <summary>An empty profile leaves the prior, a coefficient for each feature.</summary>
    private protected FittedLatency(ReadOnlySpan<double> prior, IReadOnlyList<TSample> profile)
    {
        _fit = new NonNegativeFit(prior);
        _features = prior.Length;
        double weight = Math.Min(1, NonNegativeFit.MostProfileWeight / Math.Max(1, profile.Count));
        Span<double> features = stackalloc double[_features];
        foreach (TSample sample in profile)
        {
            if (IsUsable(sample, features, out double seconds))
            {
                _fit.Anchor(features, seconds, weight);
                Samples++;
            }
        }
    }

    /// <summary>Samples taken in; those that cannot be (nothing computed, no time) are passed over.</summary>
    public long Samples { get; private set; }

    /// <summary>Error over the samples that came after the profile.</summary>
    public PredictionError Error { get; } = new();

    /// <summary>One for each feature, in seconds per unit of it, >= 0.</summary>
    public ReadOnlySpan<double> Coefficients => _fit.Coefficients;

    /// <summary>The samples tell all coefficients apart.</summary>
    public bool IsDetermined => _fit.IsDetermined;

    /// <summary>Refines with a sample measured in service.</summary>
    public void Observe(TSample sample)
    {
        Span<double> features = stackalloc double[_features];
        if (!IsUsable(sample, features, out double seconds))
        {
            return;
        }

        Error.Add(_fit.Predict(features), seconds);
        _fit.Observe(features, seconds);
        Samples++;
    }

    /// <summary>Seconds > 0 for these features.</summary>
    private protected double Predict(ReadOnlySpan<double> features) => _fit.Predict(features);

    /// <summary>Takes a sample apart; false = it cannot be. Called by the constructor too: it must not look at the object.</summary>
    private protected abstract bool TryFill(TSample sample, Span<double> features, out double seconds);

    private bool IsUsable(TSample sample, Span<double> features, out double seconds) =>
        TryFill(sample, features, out seconds) && seconds > 0 && double.IsFinite(seconds);
}
