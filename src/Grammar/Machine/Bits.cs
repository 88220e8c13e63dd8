namespace XLLM.Grammar.Machine;

/// <summary>Sets of small numbers as words of 64 bits.</summary>
internal static class Bits
{
    public static ulong[] Make(int count) => count == 0 ? [] : new ulong[(count + 63) / 64];

    public static ulong[] Full(int count)
    {
        ulong[] bits = Make(count);
        for (int i = 0; i < count; i++)
        {
            Set(bits, i);
        }

        return bits;
    }

    public static bool Has(ulong[] bits, int i) => (bits[i >> 6] >> i & 1) != 0;

    public static void Set(ulong[] bits, int i) => bits[i >> 6] |= 1UL << i;

    public static ulong[] With(ulong[] bits, int i)
    {
        ulong[] copy = (ulong[])bits.Clone();
        Set(copy, i);
        return copy;
    }

    public static bool AnyIn(ulong[] bits, int first, int end)
    {
        if (first >= end)
        {
            return false;
        }

        int w = first >> 6, last = (end - 1) >> 6;
        ulong low = ulong.MaxValue << first;
        ulong high = ulong.MaxValue >> (63 - ((end - 1) & 63));
        if (w == last)
        {
            return (bits[w] & low & high) != 0;
        }

        if ((bits[w] & low) != 0)
        {
            return true;
        }

        while (++w < last)
        {
            if (bits[w] != 0)
            {
                return true;
            }
        }

        return (bits[last] & high) != 0;
    }

    public static int CountWithout(ulong[] bits, ulong[] seen)
    {
        int count = 0;
        for (int w = 0; w < bits.Length; w++)
        {
            count += System.Numerics.BitOperations.PopCount(bits[w] & ~seen[w]);
        }

        return count;
    }
}
