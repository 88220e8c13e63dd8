using System.Net.Sockets;
using XLLM.Contracts.Kv;

namespace XLLM.Grains.Fleet;

/// <summary>
/// Connects to the port of the instance's KV transport: the kernel refuses at once when the process was killed, and takes the
/// connection when it is only slow or stopped.
/// </summary>
internal sealed class TcpReachProbe(TimeProvider time) : IReachProbe
{
    public async Task<bool> IsRefusedAsync(KvEndpoint endpoint, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, timeout.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
