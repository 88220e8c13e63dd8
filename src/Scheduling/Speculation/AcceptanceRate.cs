namespace XLLM.Scheduling.Speculation;

/// <summary>
/// How far a source's probabilities hold, for a sequence or a kind of draft: accepted tokens over expected ones, recent steps
/// counting more. It turns what a source believes into what to expect. Pure. One thread.
/// </summary>
public struct AcceptanceRate
{
    private const float Prior = 0.8f;
    private const float PriorWeight = 1.5f;
    private const float Memory = 0.92f;
    private const float Ceiling = 0.98f;
    private float _accepted;
    private float _expected;

    /// <summary>0 to 2; 1 = the probabilities are right.</summary>
    public readonly float Value => Math.Min(2, (_accepted + (PriorWeight * Prior)) / (_expected + PriorWeight));

    /// <summary>
    /// So many of the drafted tokens were accepted; <paramref name="probabilities"/> are the source's for each drafted token
    /// and all before it together.
    /// </summary>
    public void Observe(ReadOnlySpan<float> probabilities, int accepted)
    {
        float expected = 0;
        float before = 1;
        for (int i = 0; i < Math.Min(accepted + 1, probabilities.Length); i++)
        {
            expected += before > 0 ? probabilities[i] / before : 0;
            before = probabilities[i];
        }

        _accepted = (Memory * _accepted) + accepted;
        _expected = (Memory * _expected) + expected;
    }

    /// <summary>
    /// There was a draft that nobody tried: what is known of the past fades to this share, 0 to 1, so that it is tried again
    /// in time.
    /// </summary>
    public void Rest(float memory = 0.985f)
    {
        _accepted *= memory;
        _expected *= memory;
    }

    /// <summary>Replaces a source's probabilities by those to expect. They do not rise.</summary>
    public readonly void Correct(Span<float> probabilities)
    {
        float rate = Value;
        float before = 1;
        float corrected = 1;
        for (int i = 0; i < probabilities.Length; i++)
        {
            float own = before > 0 ? probabilities[i] / before : 0;
            before = probabilities[i];
            corrected *= Math.Min(Ceiling, own * rate);
            probabilities[i] = corrected;
        }
    }
}
