using System.Globalization;

namespace XLLM.Verification.Golden;

/// <summary>The largest error of many logits, and the one furthest beyond its tolerance.</summary>
internal sealed class WorstError
{
    private double _excess = double.NegativeInfinity;

    public bool Passed => _excess <= 0;

    public double Error { get; private set; }

    /// <summary>Where it is too large; empty when nowhere.</summary>
    public string Detail { get; private set; } = "";

    public void Add(int position, ReadOnlySpan<float> ours, ReadOnlySpan<float> golden)
    {
        for (int i = 0; i < golden.Length; i++)
        {
            double error = Math.Abs((double)ours[i] - golden[i]);
            double excess = error - GoldenVerifier.Tolerance - GoldenVerifier.RelativeTolerance * Math.Abs(golden[i]);
            excess = double.IsNaN(excess) ? double.PositiveInfinity : excess;
            Error = Math.Max(Error, error);
            if (excess > _excess)
            {
                _excess = excess;
                Detail = excess <= 0
                    ? ""
                    : string.Create(
                        CultureInfo.InvariantCulture, $"position {position}, token {i}: {ours[i]}, golden {golden[i]}");
            }
        }
    }
}
