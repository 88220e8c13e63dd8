using System.Net;

namespace XLLM.Engine.Transfer;

/// <summary>How an engine takes KV from others and gives it to them.</summary>
public sealed class KvTransferOptions
{
    /// <summary>Fewest characters of a secret.</summary>
    public const int LeastSecret = 16;

    /// <summary>What all members of the cluster know and nobody else; at least 16 characters. It never goes over the wire.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Address to listen at. Default 127.0.0.1: this machine only.</summary>
    public string Listen { get; set; } = "127.0.0.1";

    /// <summary>TCP port to listen at, 0..65535; 0 = a free one.</summary>
    public int Port { get; set; }

    /// <summary>Address or name that others reach this engine at; empty = <see cref="Listen"/>.</summary>
    public string Advertise { get; set; } = "";

    /// <summary>
    /// How long a request waits for KV of which nothing is heard, 10 ms to 1 minute; then what did not come is computed. Signs of
    /// life of a peer that still computes count. Default 500 ms.
    /// </summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest time of a transfer, however alive it is, 1 s to 1 hour. Default 2 minutes.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Time for a connection and its handshake, 10 ms to 1 minute. Default 1 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most connections others may have to this engine, 1..4096. Default 128.</summary>
    public int MaxConnections { get; set; } = 128;

    /// <summary>Most transfers at a time, each way, 1..4096. Default 64.</summary>
    public int MaxTransfers { get; set; } = 64;

    /// <summary>Bytes a peer may have sent that are not taken yet, per connection, 64 KiB to 1 GiB. Default 16 MiB.</summary>
    public long WindowBytes { get; set; } = 16 << 20;

    /// <summary>Bytes of a data frame where a layer is not larger, 4 KiB to 16 MiB. Default 256 KiB: it stays in a core's cache.</summary>
    public int FrameBytes { get; set; } = 256 << 10;

    /// <summary>Damaged frames of a transfer that are sent again before it is given up, 0..1000. Default 8.</summary>
    public int MaxRetries { get; set; } = 8;

    /// <summary>Largest share of the pool that may be held for KV that is on its way here, (0, 1]. Default 0.5.</summary>
    public double ReceiveShare { get; set; } = 0.5;

    /// <summary>Folder in which engines of this machine and user find each other. Default: one under the system's temporary folder.</summary>
    public string SharedFolder { get; set; } = Path.Combine(Path.GetTempPath(), "xllm-kv-" + Environment.UserName);

    /// <summary>How long the memory of a dead process of this machine stays mapped, 0 to 1 hour. Default 1 minute.</summary>
    public TimeSpan KeepDead { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>All that is wrong, one line each; empty = valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (Secret.Length < LeastSecret)
        {
            errors.Add($"Secret has {Secret.Length} characters; it must have at least {LeastSecret}.");
        }

        if (!IPAddress.TryParse(Listen, out _))
        {
            errors.Add($"Listen is '{Listen}'; it must be an IP address, e.g. 127.0.0.1 or 0.0.0.0.");
        }

        if (Advertise.Length > 255)
        {
            errors.Add($"Advertise has {Advertise.Length} characters; it must be a host name or address of at most 255.");
        }

        Range(errors, nameof(Port), Port, 0, 65535);
        Range(errors, nameof(Silence), Silence, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Range(errors, nameof(Patience), Patience, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range(errors, nameof(KeepDead), KeepDead, TimeSpan.Zero, TimeSpan.FromHours(1));
        Range(errors, nameof(ConnectTimeout), ConnectTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Range(errors, nameof(MaxConnections), MaxConnections, 1, 4096);
        Range(errors, nameof(MaxTransfers), MaxTransfers, 1, 4096);
        Range(errors, nameof(WindowBytes), WindowBytes, 64 << 10, 1L << 30);
        Range(errors, nameof(FrameBytes), FrameBytes, 4 << 10, 16 << 20);
        Range(errors, nameof(MaxRetries), MaxRetries, 0, 1000);
        if (!(ReceiveShare > 0 && ReceiveShare <= 1))
        {
            errors.Add($"ReceiveShare is {ReceiveShare}; it must be above 0 and at most 1.");
        }

        return errors;
    }

    private static void Range<T>(List<string> errors, string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (!(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0))
        {
            errors.Add($"{name} is {value}; it must be between {least} and {most}.");
        }
    }
}
