using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Hosting;
using XLLM.Contracts.Configuration;
using XLLM.Silo.Configuration;
using XLLM.Silo.Membership;

namespace XLLM.Silo.Composition;

/// <summary>How a silo finds its cluster and watches it.</summary>
public static class ClusterComposition
{
    /// <summary>
    /// Joins the cluster that the options name. Throws <see cref="OptionsException"/> when the advertised name has no address.
    /// </summary>
    public static ISiloBuilder UseXllmCluster(this ISiloBuilder builder, XllmClusterOptions options)
    {
        int siloPort = options.SiloPort > 0 ? options.SiloPort : FreePort();
        if (options.Clustering is ClusteringKind.None)
        {
            // The silo listens beside the gateway; several servers on one machine must not meet.
            return builder.UseLocalhostClustering(siloPort, FreePort(), serviceId: options.ServiceId, clusterId: options.ClusterId);
        }

        builder.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ServiceId;
        });
        ConfigureProbes(builder, options);
        switch (options.Clustering)
        {
            case ClusteringKind.Localhost:
                builder.UseDevelopmentClustering(
                    options.PrimarySilo.Length > 0 ? IPEndPoint.Parse(options.PrimarySilo) : new IPEndPoint(IPAddress.Loopback, siloPort));
                break;
            case ClusteringKind.Postgres:
                builder.UseAdoNetClustering(database =>
                {
                    database.Invariant = "Npgsql";
                    database.ConnectionString = options.ConnectionString;
                });
                break;
            case ClusteringKind.File:
                builder.UseFileClustering(options.MembershipFile);
                break;
        }

        return builder.ConfigureEndpoints(
            AddressOf(options.AdvertisedAddress), siloPort, options.GatewayPort, options.ListenOnAnyAddress);
    }

    private static void ConfigureProbes(ISiloBuilder builder, XllmClusterOptions options)
    {
        // A connection that is tried again more slowly than it is probed would hide that a silo is back.
        builder.Configure<ConnectionOptions>(connections => connections.ConnectionRetryDelay = options.ProbeTimeout);
        builder.Configure<ClusterMembershipOptions>(membership =>
        {
            // Orleans stretches probes to four times this, and believes a silence of three stretched ones.
            membership.ProbeTimeout = membership.MinProbeTimeout = membership.MaxProbeTimeout = options.ProbeTimeout;
            membership.NumMissedProbesLimit = options.MissedProbes;
            membership.NumVotesForDeathDeclaration = options.DeathVotes;
            membership.TableRefreshTimeout = options.TableRefresh;
            membership.IAmAliveTablePublishTimeout = options.AlivePeriod;
            membership.DeathVoteExpirationTimeout = options.VoteExpiry;
            // A silo that thinks itself slow must not stretch its probes: detection within a second is promised.
            membership.ExtendProbeTimeoutDuringDegradation = false;
        });
    }

    private static IPAddress AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return address;
        }

        try
        {
            return Dns.GetHostAddresses(host, AddressFamily.InterNetwork).FirstOrDefault()
                ?? throw new OptionsException([$"Cluster:AdvertisedAddress: '{host}' has no IPv4 address."]);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new OptionsException([$"Cluster:AdvertisedAddress: '{host}' is neither an address nor a name that resolves: {e.Message}."]);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
