namespace XLLM.Scheduling.Speculation;

/// <summary>
/// What a step of so many rows costs, as a multiple of what a step costs before its first row. A line through recent steps'
/// times, older ones counting less, says it for sizes not seen; a size's own times correct it, since kernels take rows in
/// groups: a sixth row may be almost free and a seventh dear. Pure: the same steps give the same value. One thread.
/// </summary>
public sealed class RowCost
{
    /// <summary>Sizes above it are taken by the line alone.</summary>
    public const int MostRows = 128;

    /// <summary>Taken until steps of different sizes have been seen.</summary>
    public const double Initial = 0.15;

    // A step counts e-fold less after 50 more.
    private const double Memory = 0.98;
    private const double LeastVariance = 0.2;

    // A size's times count half against the line when there are so many of them; what was seen fades with every step.
    private const double LineWeight = 1;
    private const double SizeMemory = 0.9;
    private const double Fading = 0.997;
    private readonly double[] _sizeSeconds = new double[MostRows + 1];
    private readonly double[] _sizeWeights = new double[MostRows + 1];
    private double _weight;
    private double _rows;
    private double _rowsSquared;
    private double _seconds;
    private double _rowSeconds;

    /// <summary>One more row's cost by the line, as a share of a step's before its first row, 0.002 to 2.</summary>
    public double Share { get; private set; } = Initial;

    /// <summary>What a step costs before its first row, in seconds, by the present share; 0 before the first step.</summary>
    public double BaseSeconds => _weight > 0 ? _seconds / (_weight + (Share * _rows)) : 0;

    /// <summary>Cost of a step with so many rows, >= 0, over the cost of a step before its first row.</summary>
    public double Of(int rows)
    {
        double line = 1 + (Share * rows);
        if ((uint)rows > MostRows || _sizeWeights[rows] == 0)
        {
            return line;
        }

        double weight = _sizeWeights[rows];
        return ((weight * _sizeSeconds[rows] / BaseSeconds) + (LineWeight * line)) / (weight + LineWeight);
    }

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

        ObserveSize(rows, seconds);
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

    private void ObserveSize(int rows, double seconds)
    {
        for (int i = 0; i < _sizeWeights.Length; i++)
        {
            _sizeWeights[i] *= Fading;
        }

        if (rows <= MostRows)
        {
            double weight = (_sizeWeights[rows] * SizeMemory) + 1;
            _sizeSeconds[rows] += (seconds - _sizeSeconds[rows]) / weight;
            _sizeWeights[rows] = weight;
        }
    }
}
