using XLLM.Engine.Interop;

namespace XLLM.Engine.Models;

/// <summary>Computes a model's rotary frequencies as transformers' modeling_rope_utils does.</summary>
internal static class RopeFrequencies
{
    /// <summary>The table for <paramref name="dimensions"/> rotated dimensions of a head: dimensions / 2 frequencies.</summary>
    public static RopeTable Compute(RopeConfig rope, int dimensions)
    {
        var frequencies = new double[dimensions / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Math.Pow(rope.Theta, -2.0 * i / dimensions) / (rope.Divisors?[i] ?? 1);
        }

        double scale = 1;
        switch (rope.Scaling)
        {
            case RopeScaling.Linear:
                Map(frequencies, (_, f) => f / rope.Factor);
                break;
            case RopeScaling.Llama3:
                Map(frequencies, (_, f) => Llama3(rope, f));
                break;
            case RopeScaling.Yarn:
                (double low, double high) = YarnRange(rope, dimensions);
                Map(frequencies, (i, f) => Yarn(rope, f, Math.Clamp((i - low) / (high - low), 0, 1)));
                scale = YarnAttentionFactor(rope);
                break;
        }

        return new RopeTable(Array.ConvertAll(frequencies, f => (float)f), (float)scale);
    }

    private static void Map(double[] values, Func<int, double, double> change)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = change(i, values[i]);
        }
    }

    private static double Llama3(RopeConfig rope, double frequency)
    {
        double turns = rope.OriginalContext * frequency / (2 * Math.PI); // over the original context
        if (turns < rope.LowFrequencyFactor)
        {
            return frequency / rope.Factor;
        }

        if (turns > rope.HighFrequencyFactor)
        {
            return frequency;
        }

        double smooth = (turns - rope.LowFrequencyFactor) / (rope.HighFrequencyFactor - rope.LowFrequencyFactor);
        return (1 - smooth) * frequency / rope.Factor + smooth * frequency;
    }

    private static double Yarn(RopeConfig rope, double frequency, double interpolated) =>
        frequency / rope.Factor * interpolated + frequency * (1 - interpolated);

    private static (double Low, double High) YarnRange(RopeConfig rope, int dimensions)
    {
        double low = CorrectionDimension(rope, dimensions, rope.BetaFast);
        double high = CorrectionDimension(rope, dimensions, rope.BetaSlow);
        if (rope.Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, dimensions - 1);
        return (low, high == low ? high + 0.001 : high);
    }

    // The dimension that turns `rotations` times over the original context.
    private static double CorrectionDimension(RopeConfig rope, int dimensions, double rotations) =>
        dimensions * Math.Log(rope.OriginalContext / (rotations * 2 * Math.PI)) / (2 * Math.Log(rope.Theta));

    private static double YarnAttentionFactor(RopeConfig rope)
    {
        if (rope.AttentionFactor is { } given)
        {
            return given;
        }

        return rope is { Mscale: > 0 and { } mscale, MscaleAllDim: > 0 and { } all }
            ? MagnitudeScale(rope.Factor, mscale) / MagnitudeScale(rope.Factor, all)
            : MagnitudeScale(rope.Factor, 1);
    }

    private static double MagnitudeScale(double factor, double mscale) => factor <= 1 ? 1 : 0.1 * mscale * Math.Log(factor) + 1;
}
