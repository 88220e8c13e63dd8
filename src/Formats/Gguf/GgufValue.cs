using System.Buffers.Binary;
using System.Text;

namespace XLLM.Formats.Gguf;

/// <summary>
/// A metadata value, decoded from the mapped file when it is asked for. Valid while its file is open. The accessors throw
/// <see cref="ModelFormatException"/> with the key, the type expected and the type found.
/// </summary>
public sealed class GgufValue
{
    private readonly MappedFile _file;
    private readonly long _offset;

    internal GgufValue(MappedFile file, string key, (GgufValueType Type, GgufValueType Element, long Count, long Offset) found)
    {
        _file = file;
        Key = key;
        Type = found.Type;
        ElementType = found.Element;
        Count = (int)found.Count;
        _offset = found.Offset;
    }

    public string Key { get; }

    public GgufValueType Type { get; }

    /// <summary>Type of an array's elements; <see cref="Type"/> for other values.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>Elements of an array; 1 for other values.</summary>
    public int Count { get; }

    public bool IsArray => Type == GgufValueType.Array;

    /// <summary>Text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string AsString()
    {
        Expect(Type == GgufValueType.String, "a string");
        long at = _offset;
        return Encoding.UTF8.GetString(NextString(ref at));
    }

    /// <summary>Any integer type.</summary>
    public long AsInt64() => Int64At(0, !IsArray);

    /// <summary>Any integer type, in the range of int.</summary>
    public int AsInt32() => Narrow(AsInt64());

    /// <summary>Any number.</summary>
    public double AsDouble() => DoubleAt(0, !IsArray);

    public bool AsBool()
    {
        Expect(Type == GgufValueType.Bool, "a bool");
        return _file.Slice(_offset, 1)[0] != 0;
    }

    /// <summary>An array of strings; bytes that are not UTF-8 become U+FFFD.</summary>
    public string[] AsStrings()
    {
        Expect(IsArray && ElementType == GgufValueType.String, "an array of strings");
        var strings = new string[Count];
        long at = _offset;
        for (int i = 0; i < strings.Length; i++)
        {
            strings[i] = Encoding.UTF8.GetString(NextString(ref at));
        }

        return strings;
    }

    /// <summary>An array of any integer type, each in the range of int.</summary>
    public int[] AsInt32s() =>
        Decode("an array of 32-bit integers", IsArray && GgufScalars.IsInteger(ElementType), i => Narrow(Int64At(i, true)));

    /// <summary>An array of any integer type.</summary>
    public long[] AsInt64s() =>
        Decode("an array of integers", IsArray && GgufScalars.IsInteger(ElementType), i => Int64At(i, true));

    /// <summary>An array of any number type, rounded to float32.</summary>
    public float[] AsFloats() =>
        Decode("an array of numbers", IsArray && GgufScalars.IsNumber(ElementType), i => (float)DoubleAt(i, true));

    public bool[] AsBools() =>
        Decode("an array of bools", IsArray && ElementType == GgufValueType.Bool, i => _file.Slice(_offset + i, 1)[0] != 0);

    /// <summary>Type and length, e.g. <c>Array of 49152 String</c>.</summary>
    public override string ToString() => IsArray ? $"Array of {Count} {ElementType}" : Type.ToString();

    private T[] Decode<T>(string expected, bool right, Func<int, T> element)
    {
        Expect(right, expected);
        var values = new T[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = element(i);
        }

        return values;
    }

    private long Int64At(int index, bool right)
    {
        int size = GgufScalars.SizeOf(ElementType);
        Expect(right && GgufScalars.IsInteger(ElementType), "an integer");
        return GgufScalars.TryInt64(ElementType, _file.Slice(_offset + (long)index * size, size), out long value)
            ? value
            : throw new ModelFormatException(_file.Path, $"'{Key}' is too large for a 64-bit signed integer");
    }

    private double DoubleAt(int index, bool right)
    {
        int size = GgufScalars.SizeOf(ElementType);
        double value = 0;
        bool number = right && size > 0 && GgufScalars.TryDouble(
            ElementType, _file.Slice(_offset + (long)index * size, size), out value);
        Expect(number, "a number");
        return value;
    }

    private int Narrow(long value) => value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new ModelFormatException(_file.Path, $"'{Key}' is {value}, which is outside of the 32-bit range");

    private ReadOnlySpan<byte> NextString(ref long at)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(_file.Slice(at, 8));
        ReadOnlySpan<byte> text = _file.Slice(at + 8, length);
        at += 8 + length;
        return text;
    }

    private void Expect(bool right, string expected)
    {
        if (!right)
        {
            throw new ModelFormatException(_file.Path, $"'{Key}' should be {expected}, found {this}");
        }
    }
}
