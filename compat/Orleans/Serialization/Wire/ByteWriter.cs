using System.Buffers.Binary;
using System.Text;

namespace Orleans.Serialization;

/// <summary>
/// Writes one message. Knows the objects and types written so far. One thread; reused after <see cref="Reset"/>.
/// </summary>
internal sealed class ByteWriter
{
    private const int KeptCapacity = 1 << 20;

    private byte[] _buffer = new byte[512];
    private int _length;
    private Dictionary<object, int>? _references;
    private int _referenceCount;
    private Dictionary<Type, int>? _types;
    private int _depth;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Reset()
    {
        if (_buffer.Length > KeptCapacity)
        {
            _buffer = new byte[512];
        }

        _length = 0;
        _references?.Clear();
        _referenceCount = 0;
        _types?.Clear();
        _depth = 0;
    }

    public byte[] ToArray() => Written.ToArray();

    public void Enter()
    {
        if (++_depth > WireLimits.MaxDepth)
        {
            throw WireLimits.TooDeep();
        }
    }

    public void Leave() => _depth--;

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Header(WireKind kind, WireFlags flags = WireFlags.None) => Byte((byte)((byte)kind | (byte)flags));

    public void Unsigned(ulong value)
    {
        var span = Reserve(10, advance: false);
        var i = 0;
        while (value >= 0x80)
        {
            span[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[i++] = (byte)value;
        _length += i;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    public void Fixed128(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Reserve(16), value);

    /// <summary>Length and bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Length and UTF-8 bytes. Lone surrogates are refused.</summary>
    public void Text(string value)
    {
        var count = StrictUtf8.GetByteCount(value);
        Unsigned((ulong)count);
        StrictUtf8.GetBytes(value, Reserve(count));
    }

    /// <summary>Writes a reference and returns true when the object was written before; else it gets the next number.</summary>
    public bool TryReference(object value)
    {
        _references ??= new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        if (_references.TryGetValue(value, out var number))
        {
            Header(WireKind.Reference);
            Unsigned((ulong)number);
            return true;
        }

        _references.Add(value, _referenceCount++);
        return false;
    }

    public void TypeOf(Type type)
    {
        _types ??= [];
        if (_types.TryGetValue(type, out var number))
        {
            Unsigned((ulong)number);
            return;
        }

        var name = TypeNames.Format(type);
        _types.Add(type, _types.Count + 1);
        Unsigned(0);
        Text(name);
    }

    private static UTF8Encoding StrictUtf8 { get; } = new(false, false);

    private Span<byte> Reserve(int count, bool advance = true)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, checked((int)Math.Min(Array.MaxLength, Math.Max(2L * _buffer.Length,
                (long)_length + count))));
        }

        var span = _buffer.AsSpan(_length, count);
        if (advance)
        {
            _length += count;
        }

        return span;
    }
}
