using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Writes a payload, little endian; a text has its length in bytes (u16) before it.</summary>
internal sealed class KvWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(128);

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public KvWriter Add(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public KvWriter Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public KvWriter Add(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public KvWriter Add(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(2), checked((ushort)length));
        _bytes.Advance(2);
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length)));
        return this;
    }

    public KvWriter Add(BlockHash value) => Add((long)value.High).Add((long)value.Low);

    public KvWriter Add(ReadOnlySpan<int> values)
    {
        Span<byte> bytes = _bytes.GetSpan(values.Length * 4);
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * 4)..], values[i]);
        }

        _bytes.Advance(values.Length * 4);
        return this;
    }
}
