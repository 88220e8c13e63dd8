using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Prediction;

/// <summary>
/// Time an idle instance takes to a prompt's first token: <c>c0 + c1 d + c2 d^2 + c3 d p + c4 p</c> with d tokens to compute
/// and p held already (xLLM's engine model; its service knows no p). Fitted to the start-up profile, refined by what is measured
/// later. One thread.
/// </summary>
public sealed class TtftPredictor(IReadOnlyList<PrefillSample> profile)
    : FittedLatency<PrefillSample>([PriorSeconds, PriorSecondsPerToken, 0, 0, 0], profile)
{
    /// <summary>Time taken for a token until a sample is known, beside <see cref="PriorSeconds"/>.</summary>
    public const double PriorSecondsPerToken = 1e-3;

    /// <summary>Time taken for the first token until a sample is known: a guess, but never 0.</summary>
    public const double PriorSeconds = 0.02;

    private const int Features = 5;

    /// <summary>Seconds > 0 for a prompt of which <paramref name="cachedTokens"/> are held already.</summary>
    public double Seconds(long tokens, long cachedTokens)
    {
        Span<double> features = stackalloc double[Features];
        Fill(Math.Max(1, tokens - Math.Max(0, cachedTokens)), Math.Max(0, cachedTokens), features);
        return Predict(features);
    }

    private protected override bool TryFill(PrefillSample sample, Span<double> features, out double seconds)
    {
        Fill((double)sample.Tokens - sample.CachedTokens, sample.CachedTokens, features);
        seconds = sample.Seconds;
        return sample.CachedTokens >= 0 && sample.Tokens > sample.CachedTokens;
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
