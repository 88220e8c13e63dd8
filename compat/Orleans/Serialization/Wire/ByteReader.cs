using System.Buffers.Binary;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>
/// Reads one message from a peer that may be hostile: every length is checked against what is left before anything is
/// allocated. One thread.
/// </summary>
internal sealed class ByteReader(ReadOnlyMemory<byte> source, INodeRuntime? node)
{
    private readonly List<TrackedObject> _objects = [];
    private readonly List<NamedType> _types = [];
    private int _position;
    private int _depth;
    private int? _rereading;

    /// <summary>The node that references become bound to, or null.</summary>
    public INodeRuntime? Node => node;

    public int Position => _position;

    public int Remaining => source.Length - _position;

    public void Enter()
    {
        if (++_depth > WireLimits.MaxDepth)
        {
            throw WireLimits.TooDeep();
        }
    }

    public void Leave() => _depth--;

    public byte Byte()
    {
        Need(1);
        return source.Span[_position++];
    }

    public (WireKind Kind, WireFlags Flags) Header()
    {
        var value = Byte();
        var kind = (WireKind)(value & 0x0f);
        if (kind > WireKind.Sequence || (value & 0xc0) != 0)
        {
            throw Broken($"no value begins with byte 0x{value:x2}");
        }

        return (kind, (WireFlags)(value & 0xf0));
    }

    /// <summary>Takes the next value when it is null.</summary>
    public bool TryNull()
    {
        Need(1);
        if (source.Span[_position] != (byte)WireKind.Null)
        {
            return false;
        }

        _position++;
        return true;
    }

    public ulong Unsigned()
    {
        var span = source.Span;
        var result = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= span.Length)
            {
                throw Truncated(1);
            }

            var b = span[_position++];
            if (shift == 63 && b > 1)
            {
                break;
            }

            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }

        throw Broken("a number does not fit 64 bits");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public UInt128 Fixed128() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16));

    public ReadOnlySpan<byte> Bytes() => Take(Count("bytes"));

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A count of things that take at least a byte each.</summary>
    public int Count(string what)
    {
        var count = Unsigned();
        return count <= (ulong)Remaining ? (int)count : throw Broken($"{count} {what} are announced, {Remaining} bytes are left");
    }

    /// <summary>Gives the object being read its number; call before its parts are read.</summary>
    public int BeginTracked()
    {
        if (_rereading is { } number)
        {
            _rereading = number + 1;
            return number;
        }

        _objects.Add(default);
        return _objects.Count - 1;
    }

    public void EndTracked(int number, object value) => _objects[number] = new TrackedObject(value, 0, null);

    public object Referenced(Codec expected)
    {
        var number = Unsigned();
        if (number >= (ulong)_objects.Count)
        {
            throw Broken($"object {number} is referred to, {_objects.Count} have come");
        }

        var entry = _objects[(int)number];
        return entry.Value ?? ReadSkipped((int)number, entry, expected);
    }

    /// <summary>The type that follows. Unknown names are refused.</summary>
    public Type Type() => TryType(out var name) ?? throw UnknownType(name);

    /// <summary>The type that follows, or null when its name is unknown.</summary>
    public Type? TryType(out string name)
    {
        var entry = TypeEntry();
        name = entry.Name;
        return entry.Type;
    }

    public static CodecNotFoundException UnknownType(string name) => new(
        $"Type '{name}' is not known here, or is not serialisable. Mark it with [GenerateSerializer].");

    /// <summary>Moves over a value whose member is unknown here.</summary>
    public void Skip()
    {
        var start = _position;
        var (kind, flags) = Header();
        if (flags.HasFlag(WireFlags.Typed))
        {
            TypeEntry();
        }

        if (flags.HasFlag(WireFlags.Tracked))
        {
            var number = BeginTracked();
            if (_objects[number].Value is null)
            {
                _objects[number] = new TrackedObject(null, start, kind);
            }
        }

        SkipBody(kind);
    }

    public static SerializerException Broken(string what) => new($"The message is broken: {what}.");

    private void SkipBody(WireKind kind)
    {
        switch (kind)
        {
            case WireKind.Null:
                break;
            case WireKind.Reference or WireKind.Unsigned or WireKind.Signed:
                Unsigned();
                break;
            case WireKind.Fixed32:
                Take(4);
                break;
            case WireKind.Fixed64:
                Take(8);
                break;
            case WireKind.Fixed128:
                Take(16);
                break;
            case WireKind.Bytes:
                Bytes();
                break;
            case WireKind.Object:
                Enter();
                for (var field = Unsigned(); field != 0; field = Unsigned())
                {
                    if (field > 1)
                    {
                        Skip();
                    }
                }

                Leave();
                break;
            default:
                Enter();
                for (var count = Count("elements"); count > 0; count--)
                {
                    Skip();
                }

                Leave();
                break;
        }
    }

    // A known member refers to an object that stood inside an unknown one: read it now, where it stands.
    private object ReadSkipped(int number, TrackedObject entry, Codec expected)
    {
        if (entry.Kind is null)
        {
            throw Broken($"object {number} contains itself where it cannot");
        }

        var (position, rereading) = (_position, _rereading);
        _position = entry.Position;
        _rereading = number;
        Enter();
        var value = expected.ReadBoxed(this);
        Leave();
        (_position, _rereading) = (position, rereading);
        return value ?? throw Broken($"object {number} is null");
    }

    private NamedType TypeEntry()
    {
        var number = Unsigned();
        if (number > 0)
        {
            return number <= (ulong)_types.Count
                ? _types[(int)number - 1]
                : throw Broken($"type {number} is referred to, {_types.Count} have come");
        }

        var position = _position;
        if (_rereading is not null && _types.Find(t => t.Position == position) is { Name: not null } known)
        {
            Text();
            return known;
        }

        var name = Text();
        var entry = new NamedType(name, TypeNames.TryParse(name), position);
        _types.Add(entry);
        return entry;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        Need(count);
        var span = source.Span.Slice(_position, count);
        _position += count;
        return span;
    }

    private void Need(int count)
    {
        if (Remaining < count)
        {
            throw Truncated(count);
        }
    }

    private SerializerException Truncated(int count) =>
        Broken($"{count} more bytes are needed at {_position}, {Remaining} are left");

    private readonly record struct TrackedObject(object? Value, int Position, WireKind? Kind);

    private readonly record struct NamedType(string Name, Type? Type, int Position);
}
