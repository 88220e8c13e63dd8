using System.Net;
using System.Net.Sockets;

namespace XLLM.Cli.Cluster.Processes;

/// <summary>Ports nobody listens on now.</summary>
internal static class FreePorts
{
    /// <summary>So many different ones, of the loopback address. Another program may take them before they are used.</summary>
    public static int[] Take(int count)
    {
        List<TcpListener> held = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                TcpListener listener = new(IPAddress.Loopback, 0);
                listener.Start();
                held.Add(listener);
            }

            return [.. held.Select(x => ((IPEndPoint)x.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(x => x.Dispose());
        }
    }

    /// <summary>Whether somebody listens on the port of an address of this machine.</summary>
    public static bool IsTaken(IPAddress address, int port)
    {
        try
        {
            using TcpListener listener = new(address, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
