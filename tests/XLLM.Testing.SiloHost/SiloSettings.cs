using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;
using XLLM.Silo.Membership;

namespace XLLM.Testing.SiloHost;

/// <summary>How a silo of a test cluster is set up, in the test's process and in others alike.</summary>
public sealed record SiloSettings
{
    public required string Cluster { get; init; }

    public required string Name { get; init; }

    public required int Port { get; init; }

    /// <summary>The membership file; null when <see cref="Postgres"/> is given.</summary>
    public string? File { get; init; }

    /// <summary>Connection string of the database with membership and grain states.</summary>
    public string? Postgres { get; init; }

    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan SignOfLife { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that was declared dead keeps its grains.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>As command-line arguments.</summary>
    public IEnumerable<string> ToArguments() =>
    [
        Cluster, Name, Port.ToString(CultureInfo.InvariantCulture), File ?? "", Postgres ?? "",
        .. new[] { ProbeTimeout, SignOfLife, Lease }.Select(x => x.ToString("c", CultureInfo.InvariantCulture)),
    ];

    public static SiloSettings Parse(IReadOnlyList<string> arguments) => new()
    {
        Cluster = arguments[0],
        Name = arguments[1],
        Port = int.Parse(arguments[2], CultureInfo.InvariantCulture),
        File = arguments[3].Length > 0 ? arguments[3] : null,
        Postgres = arguments[4].Length > 0 ? arguments[4] : null,
        ProbeTimeout = TimeSpan.Parse(arguments[5], CultureInfo.InvariantCulture),
        SignOfLife = TimeSpan.Parse(arguments[6], CultureInfo.InvariantCulture),
        Lease = TimeSpan.Parse(arguments[7], CultureInfo.InvariantCulture),
    };

    public void Apply(ISiloBuilder silo)
    {
        silo.ConfigureEndpoints(IPAddress.Loopback, Port, 0);
        silo.Configure<ClusterOptions>(x => (x.ClusterId, x.ServiceId) = (Cluster, Cluster));
        silo.Configure<SiloOptions>(x => x.SiloName = Name);
        silo.Configure<ClusterMembershipOptions>(x =>
        {
            x.ProbeTimeout = x.MinProbeTimeout = x.MaxProbeTimeout = ProbeTimeout;
            x.IAmAliveTablePublishTimeout = SignOfLife;
            x.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<GrainDirectoryOptions>(x => x.RangeLeaseDuration = Lease);
        silo.Configure<ConnectionOptions>(x => x.ConnectionRetryDelay = TimeSpan.FromMilliseconds(200));
        silo.UseSiloMetadata(new Dictionary<string, string> { ["name"] = Name });
#pragma warning disable ORLEANSEXP003 // The directory is experimental in name.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        if (Postgres is null)
        {
            silo.UseFileClustering(File!);
            silo.AddMemoryGrainStorageAsDefault();
            return;
        }

        silo.UseAdoNetClustering(x => (x.Invariant, x.ConnectionString) = ("Npgsql", Postgres));
        silo.AddAdoNetGrainStorageAsDefault(x => (x.Invariant, x.ConnectionString) = ("Npgsql", Postgres));
    }
}
