using System.Buffers.Binary;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// A grain's key as columns: GUID keys in N0 and N1, integer keys in N1, others as text. As in Orleans, a text key that reads as a
/// hexadecimal integer is one, so that "020235" and "20235" have one state: let text keys begin with another letter.
/// </summary>
internal readonly record struct AdoNetGrainKey(long N0, long N1, string? Text)
{
    public static AdoNetGrainKey Of(GrainId grain)
    {
        if (grain.TryGetGuidKey(out Guid guid))
        {
            Span<byte> bytes = stackalloc byte[16];
            guid.TryWriteBytes(bytes);
            return new(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), null);
        }

        return grain.TryGetIntegerKey(out long number) ? new(0, number, null) : new(0, 0, grain.Key.ToString());
    }

    /// <summary>Narrows the search; the columns decide.</summary>
    public int Hash => unchecked((int)StableHash.ComputeHash(Text is null ? $"{N0}/{N1}" : Text));

    public static int HashOf(string text) => unchecked((int)StableHash.ComputeHash(Encoding.UTF8.GetBytes(text)));
}
