using System.Buffers.Binary;
using System.Net.Sockets;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Frames over a socket it owns. Calls block, so that the kernel wakes whoever waits without a thread in between; disposing it from
/// another thread ends them. One reader and one writer at a time.
/// </summary>
internal sealed class KvWire : IDisposable
{
    // So much of a payload is copied behind its header: a small frame is one call, and no receiver wakes for a header alone.
    private const int FirstBytes = 16 << 10;

    // The kernel takes several frames at once, so that the writer seldom sleeps while the reader of the other side has work.
    private const int SendBufferBytes = 2 << 20;

    private const int SumBytes = sizeof(ulong);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly byte[] _received = new byte[SumBytes + KvFrame.HeaderBytes];
    private readonly byte[] _sent = new byte[SumBytes + KvFrame.HeaderBytes + FirstBytes];
    private int _ahead;
    private int _unsent;
    private long _heard;
    private bool _isHeard;

    public KvWire(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _socket.NoDelay = true;
        _socket.SendBufferSize = SendBufferBytes;
        _heard = time.GetTimestamp();
    }

    /// <summary>Key of the frames' checksums; 0 until both sides have shown that they know the secret.</summary>
    public ulong Key { get; set; }

    public KvFrameLimits Limits { get; set; } = KvFrameLimits.Opening;

    /// <summary>Time since bytes last came.</summary>
    public TimeSpan Quiet => _time.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>At least one byte came.</summary>
    public bool IsHeard => Volatile.Read(ref _isHeard);

    /// <summary>The next header, checked; null when the other side has ended the connection between two frames.</summary>
    public KvFrame? ReceiveHeader()
    {
        Span<byte> header = _received.AsSpan(0, KvFrame.HeaderBytes);
        if (_ahead == 0)
        {
            int got = _socket.Receive(header, SocketFlags.None);
            if (got == 0)
            {
                return null;
            }

            Volatile.Write(ref _isHeard, true);
            _ahead = Received(got);
        }

        Receive(header[_ahead..]);
        _ahead = 0;
        return KvFrame.Read(header, Key, Limits);
    }

    /// <summary>Fills the memory.</summary>
    public void Receive(Span<byte> memory)
    {
        while (memory.Length > 0)
        {
            memory = memory[Received(_socket.Receive(memory, SocketFlags.None))..];
        }
    }

    /// <summary>Reads a frame of the handshake, which must be of that kind, with its payload.</summary>
    public byte[] Receive(KvFrameKind kind)
    {
        KvFrame frame = ReceiveHeader()
            ?? throw new KvTransferException(KvFault.Broken, $"The connection ended where a {kind} was expected.");
        byte[] payload = new byte[frame.Length];
        Receive(payload);
        if (KvFrame.SumOf(payload, Key) != frame.Sum)
        {
            throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} frame's payload does not match its checksum.");
        }

        if (frame.Kind == KvFrameKind.Failed)
        {
            KvFault fault = (KvFault)(byte)frame.Block;
            throw new KvTransferException(fault == KvFault.None ? KvFault.Broken : fault, $"The other side refuses: {fault}.");
        }

        return frame.Kind == kind
            ? payload
            : throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} frame came where a {kind} was expected.");
    }

    /// <summary>Fills the memory with the payload of a data frame; whether it is as it was sent.</summary>
    public bool ReceiveData(Span<byte> payload)
    {
        KvSum sum = new(Key);
        for (int filled = 0; filled < payload.Length;)
        {
            filled += Received(_socket.Receive(payload[filled..], SocketFlags.None));
            sum.Add(payload[..filled], filled == payload.Length);
        }

        return ReceiveSum() == sum.Value;
    }

    /// <summary>What follows the payload of a data frame, and, to spare a call, what is there of the next header.</summary>
    public ulong ReceiveSum()
    {
        int got = 0;
        while (got < SumBytes)
        {
            got += Received(_socket.Receive(_received.AsSpan(got), SocketFlags.None));
        }

        ulong sum = BinaryPrimitives.ReadUInt64LittleEndian(_received);
        _ahead = got - SumBytes;
        _received.AsSpan(SumBytes, _ahead).CopyTo(_received);
        return sum;
    }

    /// <summary>Sends a frame other than data; its length and checksum are made from the payload.</summary>
    public void Send(KvFrame frame, ReadOnlySpan<byte> payload) =>
        SendAll(frame with { Length = payload.Length, Sum = KvFrame.SumOf(payload, Key) }, payload);

    /// <summary>
    /// Sends a data frame, all but the checksum behind it, which goes with the next frame or <see cref="Flush"/>. The payload is
    /// summed after the kernel has read it: what that has brought into the core's cache is read a second time at no cost.
    /// </summary>
    public void SendData(KvFrame frame, ReadOnlySpan<byte> payload)
    {
        SendAll(frame, payload);
        BinaryPrimitives.WriteUInt64LittleEndian(_sent, KvFrame.SumOf(payload, Key));
        _unsent = SumBytes;
    }

    /// <summary>Sends what waits for a next frame; before the writer waits.</summary>
    public void Flush()
    {
        SendAll(_sent.AsSpan(0, _unsent));
        _unsent = 0;
    }

    public void Dispose() => _socket.Dispose();

    private int Received(int bytes)
    {
        Volatile.Write(ref _heard, _time.GetTimestamp());
        return bytes > 0 ? bytes : throw new KvTransferException(KvFault.Broken, "The connection ended inside a frame.");
    }

    private void SendAll(in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        // What is left of the frame before lies in front.
        Span<byte> head = _sent.AsSpan(SumBytes - _unsent);
        frame.Write(_sent.AsSpan(SumBytes), Key);
        int first = Math.Min(payload.Length, FirstBytes);
        payload[..first].CopyTo(_sent.AsSpan(SumBytes + KvFrame.HeaderBytes));
        SendAll(head[..(_unsent + KvFrame.HeaderBytes + first)]);
        _unsent = 0;
        SendAll(payload[first..]);
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes, SocketFlags.None)..];
        }
    }
}
