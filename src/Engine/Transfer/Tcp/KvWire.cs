using System.Net.Sockets;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Frames over a socket it owns. One reader and one writer at a time.</summary>
internal sealed class KvWire : IDisposable
{
    // So much of a payload is copied behind its header: a small frame is one call, and no receiver wakes for a header alone.
    private const int FirstBytes = 16 << 10;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly byte[] _received = new byte[KvFrame.HeaderBytes];
    private readonly byte[] _sent = new byte[KvFrame.HeaderBytes + FirstBytes];
    private long _heard;

    public KvWire(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _socket.NoDelay = true;
        _heard = time.GetTimestamp();
    }

    /// <summary>Key of the frames' checksums; 0 until both sides have shown that they know the secret.</summary>
    public ulong Key { get; set; }

    public KvFrameLimits Limits { get; set; } = KvFrameLimits.Opening;

    /// <summary>Time since bytes last came.</summary>
    public TimeSpan Quiet => _time.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>The next header, checked; null when the other side has ended the connection between two frames.</summary>
    public async ValueTask<KvFrame?> ReceiveHeaderAsync(CancellationToken cancellationToken)
    {
        int got = await _socket.ReceiveAsync(_received, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        if (got == 0)
        {
            return null;
        }

        await ReceiveAsync(_received.AsMemory(got), cancellationToken).ConfigureAwait(false);
        return KvFrame.Read(_received, Key, Limits);
    }

    /// <summary>Fills the memory.</summary>
    public async ValueTask ReceiveAsync(Memory<byte> memory, CancellationToken cancellationToken)
    {
        while (memory.Length > 0)
        {
            int got = await _socket.ReceiveAsync(memory, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (got == 0)
            {
                throw new KvTransferException(KvFault.Broken, "The connection ended inside a frame.");
            }

            memory = memory[got..];
            Volatile.Write(ref _heard, _time.GetTimestamp());
        }

        Volatile.Write(ref _heard, _time.GetTimestamp());
    }

    /// <summary>Reads a frame of the handshake, which must be of that kind, with its payload.</summary>
    public async ValueTask<byte[]> ReceiveAsync(KvFrameKind kind, CancellationToken cancellationToken)
    {
        KvFrame frame = await ReceiveHeaderAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new KvTransferException(KvFault.Broken, $"The connection ended where a {kind} was expected.");
        byte[] payload = new byte[frame.Length];
        await ReceiveAsync(payload, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Sends a frame; its length and checksum are made from the payload unless it has them.</summary>
    public async ValueTask SendAsync(KvFrame frame, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (frame.Kind != KvFrameKind.Data)
        {
            frame = frame with { Length = payload.Length, Sum = KvFrame.SumOf(payload.Span, Key) };
        }

        frame.Write(_sent, Key);
        int first = Math.Min(payload.Length, FirstBytes);
        payload[..first].CopyTo(_sent.AsMemory(KvFrame.HeaderBytes));
        await SendAllAsync(_sent.AsMemory(0, KvFrame.HeaderBytes + first), cancellationToken).ConfigureAwait(false);
        await SendAllAsync(payload[first..], cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            int sent = await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }
}
