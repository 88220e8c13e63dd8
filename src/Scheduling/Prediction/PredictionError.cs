namespace XLLM.Scheduling.Prediction;

/// <summary>How far predictions lay from what was measured, each judged before it was learnt from. One thread.</summary>
public sealed class PredictionError
{
    // A prediction counts e-fold less after about 50 more.
    private const double Memory = 0.98;

    private double _sum;
    private double _weight;

    /// <summary>Predictions judged.</summary>
    public long Count { get; private set; }

    /// <summary>Mean of |predicted - measured| / measured over recent ones, >= 0, 0.1 = 10 %; NaN before the first.</summary>
    public double MeanRelative => _weight > 0 ? _sum / _weight : double.NaN;

    /// <summary>Judges one prediction; <paramref name="measured"/> > 0.</summary>
    public void Add(double predicted, double measured)
    {
        _sum = (_sum * Memory) + (Math.Abs(predicted - measured) / measured);
        _weight = (_weight * Memory) + 1;
        Count++;
    }
}
