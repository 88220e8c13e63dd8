using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Hashes of JSON values that do not depend on how a value is spelled: escapes, blanks, order of keys and forms of numbers have no
/// say. Seeded per process, so that nobody can prepare two values of equal hash.
/// </summary>
internal static class ValueHash
{
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    public static ulong Empty(ValueKind kind) => Mix(Seed, (ulong)kind + 1);

    public static ulong Mix(ulong hash, ulong part)
    {
        hash = (hash ^ part) * 0x9E3779B97F4A7C15UL;
        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9UL;
        return hash ^ (hash >> 32);
    }

    public static ulong Of(string text)
    {
        ulong hash = Empty(ValueKind.String);
        foreach (int codePoint in CodePoints.Of(text))
        {
            hash = Mix(hash, (ulong)codePoint);
        }

        return hash;
    }

    public static ulong Of(Dec number)
    {
        ulong hash = Mix(Empty(ValueKind.Number), (ulong)number.Exponent);
        foreach (byte b in number.Mantissa.ToByteArray())
        {
            hash = Mix(hash, b);
        }

        return hash;
    }

    /// <summary>An array with one more item; position matters.</summary>
    public static ulong Item(ulong array, ulong item) => Mix(array, item);

    /// <summary>An object with one more member; the sum makes the order of members vanish.</summary>
    public static ulong Member(ulong members, ulong key, ulong value) => members + Mix(key, value);
}
