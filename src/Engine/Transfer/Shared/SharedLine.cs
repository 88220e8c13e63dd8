using System.Globalization;
using System.Net.Sockets;
using System.Text;
using XLLM.Engine.Interop;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>
/// A conversation of two engines of one machine, in lines of words, over a local socket. Blocks are not part of it; it only says
/// which. One reader; any writer.
/// </summary>
internal sealed class SharedLine : IDisposable
{
    private const int MostCharacters = 2_048;

    // sys/socket.h
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly byte[] _buffer = new byte[MostCharacters];
    private int _filled;

    public SharedLine(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>The abstract name an engine listens at.</summary>
    public static UnixDomainSocketEndPoint AddressOf(KvIdentity engine, int processId) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"\0xllm-kv.{processId}.{engine.Epoch}.{Scheduling.Blocks.BlockHasher.SaltHash(engine.Instance.Value + " ").Low:x16}"));

    /// <summary>The other side is of the same user.</summary>
    public bool IsOwn()
    {
        Span<byte> credentials = stackalloc byte[12];
        return _socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == credentials.Length
            && BitConverter.ToUInt32(credentials[4..]) == MemoryFiles.EffectiveUser();
    }

    public async Task SendAsync(string line, CancellationToken cancellationToken)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (ReadOnlyMemory<byte> left = bytes; left.Length > 0;)
            {
                left = left[await _socket.SendAsync(left, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The next line's words; empty when the other side has ended, or says what no line can be.</summary>
    public async Task<string[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
            if (end >= 0)
            {
                string line = Encoding.UTF8.GetString(_buffer, 0, end);
                _filled -= end + 1;
                _buffer.AsSpan(end + 1, _filled).CopyTo(_buffer);
                return line.Split(' ');
            }

            int got = _filled == _buffer.Length ? 0
                : await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (got == 0)
            {
                return [];
            }

            _filled += got;
        }
    }

    public void Dispose() => _socket.Dispose();
}
