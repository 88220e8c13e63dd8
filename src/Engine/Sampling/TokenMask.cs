using System.Numerics;

namespace XLLM.Engine.Sampling;

/// <summary>Masks of tokens: bit t % 32 of word t / 32 allows token t. Pure; any thread.</summary>
internal static class TokenMask
{
    private const int Bits = 32;

    /// <summary>
    /// Takes every chance from tokens that are not allowed, and from those beyond the mask's end. An empty mask allows all.
    /// </summary>
    public static void Apply(Span<float> logits, ReadOnlySpan<uint> mask)
    {
        if (mask.IsEmpty)
        {
            return;
        }

        for (int word = 0; word < mask.Length && word * Bits < logits.Length; word++)
        {
            uint refused = ~mask[word];
            Span<float> those = logits[(word * Bits)..Math.Min(logits.Length, (word + 1) * Bits)];
            if (refused == uint.MaxValue)
            {
                those.Fill(float.NegativeInfinity);
                continue;
            }

            for (; refused != 0; refused &= refused - 1)
            {
                int at = BitOperations.TrailingZeroCount(refused);
                if (at >= those.Length)
                {
                    break;
                }

                those[at] = float.NegativeInfinity;
            }
        }

        logits[Math.Min(logits.Length, mask.Length * Bits)..].Fill(float.NegativeInfinity);
    }
}
