using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Runs of values.</summary>
internal static class Elements
{
    public static void Write<T>(ByteWriter writer, Codec<T> codec, ReadOnlySpan<T> values)
    {
        writer.Unsigned((ulong)values.Length);
        foreach (var value in values)
        {
            codec.Write(writer, value);
        }
    }

    /// <summary>Reads a run. Memory grows with what has come, not with what was announced.</summary>
    public static T[] Read<T>(ByteReader reader, Codec<T> codec, Action<T[]>? onAllocated = null)
    {
        var count = reader.Count("elements");
        var trusted = count <= WireLimits.TrustedCount || Unsafe.SizeOf<T>() <= 16;
        var values = count == 0 ? [] : new T[trusted ? count : WireLimits.TrustedCount];
        if (trusted)
        {
            onAllocated?.Invoke(values);
        }

        for (var i = 0; i < count; i++)
        {
            if (i == values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
            }

            values[i] = codec.Read(reader);
        }

        return values;
    }

    public static T[] Copy<T>(Codec<T> codec, ReadOnlySpan<T> values, CopyContext context)
    {
        var copies = new T[values.Length];
        Copy(codec, values, copies, context);
        return copies;
    }

    public static void Copy<T>(Codec<T> codec, ReadOnlySpan<T> values, Span<T> copies, CopyContext context)
    {
        if (codec.IsImmutable)
        {
            values.CopyTo(copies);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            copies[i] = codec.Copy(values[i], context);
        }
    }
}
