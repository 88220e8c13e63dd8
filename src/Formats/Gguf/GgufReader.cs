using System.Buffers.Binary;
using System.Text;

namespace XLLM.Formats.Gguf;

/// <summary>
/// Reads a GGUF header front to back. Every length is checked against what is left of the file before it is used.
/// </summary>
internal sealed class GgufReader(MappedFile file)
{
    /// <summary>Arrays of arrays may nest this deep.</summary>
    public const int MaxDepth = 4;

    private static readonly UTF8Encoding Strict = new(false, true);

    public long Position { get; private set; }

    public long Remaining => file.Length - Position;

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count of things that take at least <paramref name="least"/> bytes each.</summary>
    public long Count(string what, long least, long limit)
    {
        ulong count = UInt64(what);
        long most = Math.Min(limit, Remaining / least);
        return count <= (ulong)most
            ? (long)count
            : throw Bad($"{what} is {count}, but at most {most} fit into the {Remaining} bytes that follow");
    }

    /// <summary>A name: UTF-8, 1 to <paramref name="limit"/> bytes.</summary>
    public string Name(string what, int limit)
    {
        int length = (int)Count($"length of {what}", 1, limit);
        if (length == 0)
        {
            throw Bad($"{what} is empty");
        }

        try
        {
            return Strict.GetString(Take(length, what));
        }
        catch (DecoderFallbackException e)
        {
            throw Bad($"{what} is not valid UTF-8", e);
        }
    }

    /// <summary>
    /// Passes over a value, checking its inside; returns its type, its elements' type and count (arrays), and where it is.
    /// </summary>
    public (GgufValueType Type, GgufValueType Element, long Count, long Offset) Value(string key)
    {
        var type = (GgufValueType)UInt32($"type of '{key}'");
        if (type == GgufValueType.Array)
        {
            (GgufValueType element, long count) = ArrayHead(key);
            long start = Position;
            SkipElements(key, element, count, 1);
            return (type, element, count, start);
        }

        long offset = Position;
        SkipElements(key, type, 1, 0);
        return (type, type, 1, offset);
    }

    public ModelFormatException Bad(string problem, Exception? inner = null) => new(file.Path, problem, inner);

    private (GgufValueType Element, long Count) ArrayHead(string key)
    {
        var element = (GgufValueType)UInt32($"element type of '{key}'");
        int size = GgufScalars.SizeOf(element);
        long least = size > 0 ? size : element == GgufValueType.String ? 8 : 12;
        return (element, Count($"length of array '{key}'", least, int.MaxValue));
    }

    private void SkipElements(string key, GgufValueType type, long count, int depth)
    {
        int size = GgufScalars.SizeOf(type);
        if (size > 0)
        {
            Skip(count * size, key);
            return;
        }

        if (type is not (GgufValueType.String or GgufValueType.Array))
        {
            throw Bad($"'{key}' has value type {(uint)type}, known are 0 to 12");
        }

        if (depth > MaxDepth)
        {
            throw Bad($"array '{key}' is nested deeper than {MaxDepth}");
        }

        for (long i = 0; i < count; i++)
        {
            if (type == GgufValueType.String)
            {
                Skip(Count($"length of a string in '{key}'", 1, int.MaxValue), key);
            }
            else
            {
                (GgufValueType element, long inner) = ArrayHead(key);
                SkipElements(key, element, inner, depth + 1);
            }
        }
    }

    private void Skip(long bytes, string what)
    {
        if (bytes > Remaining)
        {
            throw Truncated(bytes, what);
        }

        Position += bytes;
    }

    private ReadOnlySpan<byte> Take(int bytes, string what)
    {
        if (bytes > Remaining)
        {
            throw Truncated(bytes, what);
        }

        ReadOnlySpan<byte> span = file.Slice(Position, bytes);
        Position += bytes;
        return span;
    }

    private ModelFormatException Truncated(long bytes, string what) =>
        Bad($"the file ends inside {what}: {bytes} bytes needed at offset {Position}, {Remaining} left");
}
