namespace XLLM.Scheduling.Speculation;

/// <summary>
/// What one more row costs a step, as a share of what a step costs before its first row: the slope over the intercept of a
/// line through recent steps' times, older ones counting less. Near 0 while reading the weights bounds a step, and then rows
/// are almost free. Pure: the same steps give the same value. One thread.
/// </summary>
public sealed class RowCost
{
    /// <summary>Taken until steps of different sizes have been seen.</summary>
    public const double Initial = 0.15;

    // A step counts e-fold less after 50 more.
    private const double Memory = 0.98;
    private const double LeastVariance = 0.2;
    private double _weight;
    private double _rows;
    private double _rowsSquared;
    private double _seconds;
    private double _rowSeconds;

    /// <summary>The share, 0.002 to 2.</summary>
    public double Share { get; private set; } = Initial;

    /// <summary>What a step costs before its first row, in seconds, by the present share; 0 before the first step.</summary>
    public double BaseSeconds => _weight > 0 ? _seconds / (_weight + (Share * _rows)) : 0;

    /// <summary>A step with so many rows, >= 1, took so long.</summary>
    public void Observe(int rows, double seconds)
    {
        if (rows < 1 || !(seconds > 0) || !double.IsFinite(seconds))
        {
            return;
        }

        if (_weight > 8)
        {
            // The machine did something else in between.
            seconds = Math.Min(seconds, 3 * BaseSeconds * (1 + (Share * rows)));
        }

        _weight = (_weight * Memory) + 1;
        _rows = (_rows * Memory) + rows;
        _rowsSquared = (_rowsSquared * Memory) + ((double)rows * rows);
        _seconds = (_seconds * Memory) + seconds;
        _rowSeconds = (_rowSeconds * Memory) + (rows * seconds);
        double mean = _rows / _weight;
        double variance = (_rowsSquared / _weight) - (mean * mean);
        if (_weight > 4 && variance > LeastVariance)
        {
            double slope = ((_rowSeconds / _weight) - (mean * _seconds / _weight)) / variance;
            double intercept = (_seconds / _weight) - (slope * mean);

            // Few rows may lie below the line's start where the kernels change; a step's start is never free.
            intercept = Math.Max(intercept, 0.1 * _seconds / _weight);
            Share = Math.Clamp(slope / intercept, 0.002, 2);
        }
    }

}
