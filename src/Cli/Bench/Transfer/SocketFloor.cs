using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace XLLM.Cli.Bench.Transfer;

/// <summary>
/// A plain copy of the same blocks over one TCP connection on loopback: two threads, blocking calls, nothing checked. What a
/// transport could reach at most.
/// </summary>
internal static class SocketFloor
{
    // Large enough that the calls do not count, small enough to stay in a core's cache.
    private const int CallBytes = 256 << 10;

    public static TimeSpan Copy(BenchBlockStore from, BenchBlockStore to)
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket sender = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        sender.Connect(listener.LocalEndPoint!);
        using Socket receiver = listener.Accept();
        long start = Stopwatch.GetTimestamp();
        Thread sending = new(() =>
        {
            for (int block = 0; block < from.Blocks; block++)
            {
                for (Span<byte> left = from.Bytes(block); left.Length > 0;)
                {
                    left = left[sender.Send(left[..Math.Min(left.Length, CallBytes)])..];
                }
            }
        });
        sending.Start();
        for (int block = 0; block < to.Blocks; block++)
        {
            for (Span<byte> left = to.Bytes(block); left.Length > 0;)
            {
                int got = receiver.Receive(left[..Math.Min(left.Length, CallBytes)]);
                left = got > 0 ? left[got..] : throw new IOException("The connection on loopback ended.");
            }
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        sending.Join();
        return taken;
    }
}
