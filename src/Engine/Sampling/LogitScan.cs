using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace XLLM.Engine.Sampling;

/// <summary>
/// Passes over a whole row of logits, 16 lanes at a time on every machine, so that sums come out the same everywhere. Pure;
/// any thread; no allocation.
/// </summary>
internal static class LogitScan
{
    /// <summary>Values whose weights are summed together.</summary>
    public const int ChunkLength = 1024;

    private const int Lanes = 16;

    /// <summary>Largest value; false when a value is NaN or infinite.</summary>
    public static bool TryMax(ReadOnlySpan<float> row, out float max)
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        Vector512<float> zero = Vector512<float>.Zero;
        int i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            Vector512<float> x = Load(row, i);
            best = Vector512.Max(best, x);
            zero += x - x;
        }

        max = float.NegativeInfinity;
        float finite = Vector512.Sum(zero);
        for (int lane = 0; lane < Lanes; lane++)
        {
            max = MathF.Max(max, best[lane]);
        }

        for (; i < row.Length; i++)
        {
            max = MathF.Max(max, row[i]);
            finite += row[i] - row[i];
        }

        return finite == 0;
    }

    /// <summary>Largest value of a row without NaN; it may have negative infinities.</summary>
    public static float Max(ReadOnlySpan<float> row)
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            best = Vector512.Max(best, Load(row, i));
        }

        float max = float.NegativeInfinity;
        for (int lane = 0; lane < Lanes; lane++)
        {
            max = MathF.Max(max, best[lane]);
        }

        for (; i < row.Length; i++)
        {
            max = MathF.Max(max, row[i]);
        }

        return max;
    }

    /// <summary>
    /// weights[i] = exp((row[i] - max) / temperature); sums[c] = sum over chunk c. Returns the sum of all.
    /// </summary>
    public static double Weights(
        ReadOnlySpan<float> row, float max, float temperature, Span<float> weights, Span<double> sums)
    {
        double total = 0;
        for (int start = 0, chunk = 0; start < row.Length; start += ChunkLength, chunk++)
        {
            int length = Math.Min(ChunkLength, row.Length - start);
            double sum = ChunkWeights(row.Slice(start, length), max, temperature, weights.Slice(start, length));
            sums[chunk] = sum;
            total += sum;
        }

        return total;
    }

    /// <summary>Sum over the row of exp(row[i] - max).</summary>
    public static double SumExp(ReadOnlySpan<float> row, float max)
    {
        Span<float> weights = stackalloc float[ChunkLength];
        double total = 0;
        for (int start = 0; start < row.Length; start += ChunkLength)
        {
            int length = Math.Min(ChunkLength, row.Length - start);
            total += ChunkWeights(row.Slice(start, length), max, 1, weights[..length]);
        }

        return total;
    }

    /// <summary>Writes places and values of all values >= least, in order of place. Returns their number.</summary>
    public static int Collect(ReadOnlySpan<float> row, float least, Span<float> values, Span<int> places)
    {
        Vector512<float> bound = Vector512.Create(least);
        int count = 0;
        int i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            ulong hits = Vector512.GreaterThanOrEqual(Load(row, i), bound).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                int at = i + BitOperations.TrailingZeroCount(hits);
                values[count] = row[at];
                places[count++] = at;
            }
        }

        for (; i < row.Length; i++)
        {
            if (row[i] >= least)
            {
                values[count] = row[i];
                places[count++] = i;
            }
        }

        return count;
    }

    /// <summary>First place of a value, or -1. (MemoryExtensions.IndexOf is scalar for floats.)</summary>
    public static int IndexOf(ReadOnlySpan<float> row, float value)
    {
        Vector512<float> wanted = Vector512.Create(value);
        int i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            ulong hits = Vector512.Equals(Load(row, i), wanted).ExtractMostSignificantBits();
            if (hits != 0)
            {
                return i + BitOperations.TrailingZeroCount(hits);
            }
        }

        for (; i < row.Length; i++)
        {
            if (row[i] == value)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>First place at or after <paramref name="from"/> with a value > bound, or the row's length.</summary>
    public static int NextAbove(ReadOnlySpan<float> row, int from, float bound)
    {
        Vector512<float> limit = Vector512.Create(bound);
        int i = from;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            ulong hits = Vector512.GreaterThan(Load(row, i), limit).ExtractMostSignificantBits();
            if (hits != 0)
            {
                return i + BitOperations.TrailingZeroCount(hits);
            }
        }

        while (i < row.Length && !(row[i] > bound))
        {
            i++;
        }

        return i;
    }

    private static double ChunkWeights(ReadOnlySpan<float> row, float max, float temperature, Span<float> weights)
    {
        Vector512<float> top = Vector512.Create(max);
        Vector512<float> divisor = Vector512.Create(temperature);
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= row.Length - Lanes; i += Lanes)
        {
            Vector512<float> weight = Vector512.Exp((Load(row, i) - top) / divisor);
            weight.CopyTo(weights[i..]);
            sum += weight;
        }

        double total = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            total += sum[lane];
        }

        if (i < row.Length)
        {
            Span<float> padded = stackalloc float[Lanes];
            padded.Fill(float.NegativeInfinity);
            row[i..].CopyTo(padded);
            Vector512<float> weight = Vector512.Exp((Vector512.Create<float>(padded) - top) / divisor);
            for (int lane = 0; i + lane < row.Length; lane++)
            {
                weights[i + lane] = weight[lane];
                total += weight[lane];
            }
        }

        return total;
    }

    private static Vector512<float> Load(ReadOnlySpan<float> row, int at) =>
        Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(row), (nuint)at);
}
