using XLLM.Simulator.Load;
using XLLM.Simulator.Running;

namespace XLLM.Simulator.Results;

/// <summary>The highest rate at which a share of the requests keeps its objectives: goodput at that attainment.</summary>
public static class RateSearch
{
    private const double Precision = 0.01;
    private const int MostRuns = 24;

    // Below this share of the first rate nothing is looked for: single requests miss their objectives by themselves.
    private const double LeastShare = 1e-3;

    /// <summary>
    /// Doubles or halves until the border is between two rates, then halves the interval to 1 %. Where attainment is not monotone
    /// the found border is one of several. 0 = there is none, whatever the rate.
    /// </summary>
    /// <param name="options">The fleet; its <c>AbortBelow</c> is set by the search.</param>
    /// <param name="load">The load at a rate.</param>
    /// <param name="attainment">Share wanted, 0..1.</param>
    /// <param name="start">Rate to begin with, > 0.</param>
    /// <param name="ran">Told after each run.</param>
    /// <param name="cancellation">Stops between two events.</param>
    public static (double Rate, SimulationResult Result) Find(
        SimulationOptions options, Func<double, IReadOnlyList<SimArrival>> load, double attainment, double start,
        Action<double, SimulationResult>? ran = null, CancellationToken cancellation = default)
    {
        double low = 0;
        double high = double.PositiveInfinity;
        double rate = start;
        SimulationResult? best = null;
        for (int run = 0; run < MostRuns && !(low > 0 && (high / low) - 1 < Precision) && high > start * LeastShare; run++)
        {
            SimulationResult result = Simulation.Run(options with { AbortBelow = attainment }, load(rate), cancellation);
            ran?.Invoke(rate, result);
            if (!result.IsAborted && result.Attainment >= attainment)
            {
                (low, best) = (rate, result);
            }
            else
            {
                high = rate;
            }

            rate = double.IsInfinity(high) ? low * 1.5 : low == 0 ? high / 2 : Math.Sqrt(low * high);
        }

        return (low, best ?? Simulation.Run(options with { AbortBelow = 0 }, load(high), cancellation));
    }
}
