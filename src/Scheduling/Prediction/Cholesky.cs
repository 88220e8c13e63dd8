using System.Numerics;

namespace XLLM.Scheduling.Prediction;

/// <summary>Small symmetric systems with a diagonal of ones.</summary>
internal static class Cholesky
{
    private const double LeastUsefulPivot = 1e-12;

    /// <summary>Smallest pivot of the whole matrix; 0 or less when it is singular, 1 at best.</summary>
    public static double LeastPivot(ReadOnlySpan<double> matrix, int n)
    {
        Span<double> factor = stackalloc double[n * n];
        Span<int> all = stackalloc int[n];
        for (int i = 0; i < n; i++)
        {
            all[i] = i;
        }

        return Factor(matrix, n, all, factor);
    }

    /// <summary>
    /// Minimises x'Mx/2 - r'x over the features whose bit is set in <paramref name="support"/>, the others 0. False: ill
    /// conditioned, or a component is negative.
    /// </summary>
    public static bool SolveOn(
        int support, ReadOnlySpan<double> matrix, ReadOnlySpan<double> right, int n, Span<double> solution, out double objective)
    {
        int size = BitOperations.PopCount((uint)support);
        Span<int> members = stackalloc int[size];
        for (int i = 0, k = 0; i < n; i++)
        {
            if ((support >> i & 1) != 0)
            {
                members[k++] = i;
            }
        }

        objective = 0;
        solution.Clear();
        Span<double> factor = stackalloc double[size * size];
        if (!(Factor(matrix, n, members, factor) > LeastUsefulPivot))
        {
            return false;
        }

        Span<double> y = stackalloc double[size];
        for (int i = 0; i < size; i++)
        {
            double sum = right[members[i]];
            for (int k = 0; k < i; k++)
            {
                sum -= factor[(i * size) + k] * y[k];
            }

            y[i] = sum / factor[(i * size) + i];
        }

        for (int i = size - 1; i >= 0; i--)
        {
            double sum = y[i];
            for (int k = i + 1; k < size; k++)
            {
                sum -= factor[(k * size) + i] * y[k];
            }

            y[i] = sum / factor[(i * size) + i];
            if (!(y[i] >= 0))
            {
                return false;
            }

            solution[members[i]] = y[i];
            objective -= y[i] * right[members[i]] / 2;
        }

        return double.IsFinite(objective);
    }

    private static double Factor(ReadOnlySpan<double> matrix, int n, ReadOnlySpan<int> members, Span<double> factor)
    {
        int size = members.Length;
        double least = double.PositiveInfinity;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[(members[i] * n) + members[j]];
                for (int k = 0; k < j; k++)
                {
                    sum -= factor[(i * size) + k] * factor[(j * size) + k];
                }

                if (i != j)
                {
                    factor[(i * size) + j] = sum / factor[(j * size) + j];
                    continue;
                }

                least = Math.Min(least, sum);
                if (!(sum > 0))
                {
                    return 0;
                }

                factor[(i * size) + i] = Math.Sqrt(sum);
            }
        }

        return least;
    }
}
