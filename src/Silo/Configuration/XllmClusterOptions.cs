using System.ComponentModel.DataAnnotations;
using System.Net;

namespace XLLM.Silo.Configuration;

/// <summary>
/// How a process joins its cluster; configuration section <c>Cluster</c>. The defaults of the probes are for one host: a killed
/// process resets its connections at once and is declared dead after at most <c>ProbeTimeout * MissedProbes</c> = 900 ms. Between
/// hosts, where a network pauses for longer than that, give ProbeTimeout 1 s to 5 s: a pause of three probes kills a healthy silo.
/// </summary>
public sealed class XllmClusterOptions : IValidatableObject
{
    public const string Section = "Cluster";

    private const int LeastSecret = 16;

    /// <summary>None, Localhost, Postgres or File. Default None: this process alone.</summary>
    public ClusteringKind Clustering { get; set; }

    /// <summary>All, Gateway or Engine. Default All.</summary>
    public NodeRole Role { get; set; }

    /// <summary>Silos with the same id and membership are one cluster, 1..100 letters, digits, '-', '_', '.'.</summary>
    public string ClusterId { get; set; } = "xllm";

    /// <summary>Part of the identity of stored states; outlives clusters.</summary>
    public string ServiceId { get; set; } = "xllm";

    /// <summary>Npgsql's, for Postgres.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Path of the membership file, for File; all processes are on this machine.</summary>
    public string MembershipFile { get; set; } = "";

    /// <summary><c>address:port</c> of the primary silo, for Localhost; empty = this one is it.</summary>
    public string PrimarySilo { get; set; } = "";

    /// <summary>Address or name by which the other silos reach this one.</summary>
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Listen on every address and not only on the advertised one (containers).</summary>
    public bool ListenOnAnyAddress { get; set; }

    /// <summary>Port for the other silos; 0 = a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>Port for Orleans clients outside; 0 = none, as our gateways are silos.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; }

    /// <summary>Shared by all processes of the cluster, at least 16 characters: authenticates KV transfers and keys block hashes.</summary>
    public string Secret { get; set; } = "";

    /// <summary>A file with the secret, instead of <see cref="Secret"/>.</summary>
    public string SecretFile { get; set; } = "";

    /// <summary>Longest wait for the answer to a probe, 50 ms .. 1 min.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Probes missed in a row before a silo votes another dead, 1..20.</summary>
    [Range(1, 20)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>Votes that declare a silo dead, at most half of the others, 1..20.</summary>
    [Range(1, 20)]
    public int DeathVotes { get; set; } = 2;

    /// <summary>How often the membership table is read without being told of a change, 1 s .. 10 min.</summary>
    public TimeSpan TableRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silo signs in the table that it lives, 1 s .. 10 min; three periods without = left by a crash.</summary>
    public TimeSpan AlivePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Votes older than this do not count, 1 s .. 10 min.</summary>
    public TimeSpan VoteExpiry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The Orleans Dashboard at /orleans of gateways; all silos alike. Without effect on the stand-in. Default true.</summary>
    public bool Dashboard { get; set; } = true;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, string value) in new[] { (nameof(ClusterId), ClusterId), (nameof(ServiceId), ServiceId) })
        {
            if (value.Length is 0 or > 100 || value.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            {
                yield return new($"{name} is '{value}'; it must be 1..100 letters, digits, '-', '_' or '.'.");
            }
        }

        if (Clustering == ClusteringKind.Postgres && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new("ConnectionString is empty; Clustering Postgres needs one, e.g. Host=...;Username=...;Password=...;Database=...");
        }

        if (Clustering == ClusteringKind.File && string.IsNullOrWhiteSpace(MembershipFile))
        {
            yield return new("MembershipFile is empty; Clustering File needs a path that all processes share.");
        }

        if (PrimarySilo.Length > 0 && !(IPEndPoint.TryParse(PrimarySilo, out IPEndPoint? primary) && primary.Port != 0))
        {
            yield return new($"PrimarySilo is '{PrimarySilo}'; it must be address:port, e.g. 127.0.0.1:11111.");
        }

        if (Clustering == ClusteringKind.None && Role != NodeRole.All)
        {
            yield return new($"Role is {Role}, but Clustering is None; a process alone must do all.");
        }

        if (Clustering != ClusteringKind.None && Secret.Length == 0 && SecretFile.Length == 0)
        {
            yield return new("Secret and SecretFile are empty; the processes of a cluster share a secret (openssl rand -hex 32).");
        }

        if (Secret.Length > 0 && SecretFile.Length > 0)
        {
            yield return new("Secret and SecretFile are both given; give one.");
        }

        if (Secret.Length is > 0 and < LeastSecret)
        {
            yield return new($"Secret has {Secret.Length} characters; it must have at least {LeastSecret}.");
        }

        if (SecretFile.Length > 0 && !File.Exists(SecretFile))
        {
            yield return new($"SecretFile is '{SecretFile}', which is not there.");
        }

        if (ProbeTimeout < TimeSpan.FromMilliseconds(50) || ProbeTimeout > TimeSpan.FromMinutes(1))
        {
            yield return new($"ProbeTimeout is {ProbeTimeout}; it must be in 50 ms .. 1 min.");
        }

        foreach ((string name, TimeSpan value) in
            new[] { (nameof(TableRefresh), TableRefresh), (nameof(AlivePeriod), AlivePeriod), (nameof(VoteExpiry), VoteExpiry) })
        {
            if (value < TimeSpan.FromSeconds(1) || value > TimeSpan.FromMinutes(10))
            {
                yield return new($"{name} is {value}; it must be in 1 s .. 10 min.");
            }
        }
    }
}
