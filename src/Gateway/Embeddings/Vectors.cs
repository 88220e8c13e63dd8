namespace XLLM.Gateway.Embeddings;

/// <summary>Sums over vectors, in float64 from the first value on.</summary>
internal static class Vectors
{
    /// <summary>The vector with length 1; one of length 0 stays as it is.</summary>
    public static float[] Normalise(ReadOnlySpan<float> vector)
    {
        double length = Math.Sqrt(Dot(vector, vector));
        float[] normal = new float[vector.Length];
        for (int i = 0; i < normal.Length; i++)
        {
            normal[i] = length > 0 ? (float)(vector[i] / length) : vector[i];
        }

        return normal;
    }

    /// <summary>Cosine of the angle between two vectors of the same length, [-1, 1]; 0 when one has length 0.</summary>
    public static double Cosine(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double lengths = Math.Sqrt(Dot(one, one)) * Math.Sqrt(Dot(other, other));
        return lengths > 0 ? Math.Clamp(Dot(one, other) / lengths, -1, 1) : 0;
    }

    private static double Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += (double)one[i] * other[i];
        }

        return sum;
    }
}
