using System.Net;
using System.Net.Sockets;
using System.Text;

namespace XLLM.Cli.Bench.Streams;

/// <summary>
/// Clients that ask for one long stream each. One thread with a name of its own reads all their sockets at fixed intervals, so
/// that its processor time can be told from the server's, and a send does not pay for waking a reader, who would be on another
/// machine.
/// </summary>
internal sealed class StreamClients : IDisposable
{
    public const string ThreadName = "stream client";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly Socket[] _sockets;
    private readonly bool[] _began;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private int _running;
    private int _ended;
    private long _bytes;
    private volatile string? _fault;

    public StreamClients(Uri server, string model, int streams, int maxTokens)
    {
        _began = new bool[streams];
        _sockets = new Socket[streams];
        for (int i = 0; i < streams; i++)
        {
            _sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _sockets[i].Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
            _sockets[i].Send(Request(server, model, i, maxTokens));
        }

        _thread = new Thread(Work) { IsBackground = true, Name = ThreadName };
        _thread.Start();
    }

    /// <summary>All streams have begun and none has ended.</summary>
    public bool AllRun => Volatile.Read(ref _running) == _sockets.Length && Volatile.Read(ref _ended) == 0;

    /// <summary>Bytes read by all of them.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>An answer that was not a stream; null while all is well.</summary>
    public string? Fault => _fault;

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        Array.ForEach(_sockets, s => s.Dispose());
        _stop.Dispose();
    }

    private static byte[] Request(Uri server, string model, int client, int maxTokens)
    {
        string body = "{\"model\":\"" + model + "\",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":" + maxTokens + ",\"seed\":" + client
            + ",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me story " + client + ".\"}]}";
        return Encoding.UTF8.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }

    private void Work()
    {
        while (!_stop.Wait(Interval))
        {
            for (int i = 0; i < _sockets.Length; i++)
            {
                if (_sockets[i].Available > 0)
                {
                    Take(i, _buffer.AsSpan(0, _sockets[i].Receive(_buffer)));
                }
            }
        }
    }

    private void Take(int client, ReadOnlySpan<byte> read)
    {
        Interlocked.Add(ref _bytes, read.Length);
        if (!_began[client])
        {
            _began[client] = true;
            Interlocked.Increment(ref _running);
            if (!read.StartsWith("HTTP/1.1 200"u8))
            {
                _fault = Encoding.UTF8.GetString(read);
            }
        }
        else if (read.IndexOf("data: [DONE]"u8) >= 0)
        {
            Interlocked.Increment(ref _ended);
        }
    }
}
