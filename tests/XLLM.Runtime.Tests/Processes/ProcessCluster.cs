using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;
using XLLM.Testing;
using XLLM.Testing.SiloHost;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>A cluster of one silo in this process, from which the test calls, and others in processes of their own.</summary>
public sealed class ProcessCluster : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly string _id = "p" + Guid.NewGuid().ToString("N")[..8];
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-cluster-").FullName;
    private readonly string? _postgres;
    private readonly TimeSpan _probe;
    private readonly TimeSpan _lease;
    private int _last;

    private ProcessCluster(string? postgres, TimeSpan probe, TimeSpan lease)
    {
        _postgres = postgres;
        _probe = probe;
        _lease = lease;
    }

    public IHost Host { get; private set; } = null!;

    public IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();

    public IClusterMembershipService Membership => Host.Services.GetRequiredService<IClusterMembershipService>();

    public SiloAddress Here => Host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public static async Task<ProcessCluster> StartAsync(string? postgres = null, int probeMilliseconds = 250, int leaseSeconds = 0)
    {
        var cluster = new ProcessCluster(
            postgres, TimeSpan.FromMilliseconds(probeMilliseconds), TimeSpan.FromSeconds(leaseSeconds));
        cluster.Host = await cluster.StartHostAsync();
        return cluster;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A silo in this process.</summary>
    public async Task<IHost> StartHostAsync(Action<ISiloBuilder>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new FileLog()).SetMinimumLevel(LogLevel.Debug);
        builder.UseOrleans(silo =>
        {
            Settings(FreePort()).Apply(silo);
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        _owned.Add(new Stopper(host));
        return host;
    }

    public async Task<SiloProcess> StartProcessAsync(int? port = null)
    {
        var silo = await SiloProcess.StartAsync(Settings(port ?? FreePort()));
        _owned.Add(silo);
        await WaitForAsync(silo.Address, SiloStatus.Active);
        return silo;
    }

    /// <summary>A grain whose activation is in that process.</summary>
    public async Task<IMarkGrain> GrainOnAsync(string silo, string? key = null)
    {
        // On Orleans a silo is active a moment before the others know which grains it has; until then they place elsewhere.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var attempt = 0; ; attempt++)
        {
            var grain = Grains.GetGrain<IMarkGrain>(key ?? Facts.NewKey());
            var where = await ClusterFixture.PlacedOn(SiloAddress.FromParsableString(silo), grain.WhereAsync);
            if (where == silo || key is not null || attempt == 100)
            {
                Assert.Equal(silo, where);
                return grain;
            }

            await pace.WaitForNextTickAsync();
        }
    }

    /// <summary>Completes when this process's silo sees the other in this state.</summary>
    public async Task WaitForAsync(string silo, SiloStatus status)
    {
        var address = SiloAddress.FromParsableString(silo);
        await WaitAsync().Within($"{silo} is {status}");

        async Task WaitAsync()
        {
            await foreach (var snapshot in Membership.MembershipUpdates)
            {
                if (snapshot.GetSiloStatus(address) == status)
                {
                    return;
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The test's own silo first: a silo that leaves hands its part of the directory to the others, and waits for those that are gone.
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private SiloSettings Settings(int port) => new()
    {
        Cluster = _id,
        Name = $"silo{Interlocked.Increment(ref _last)}",
        Port = port,
        File = _postgres is null ? Path.Combine(_folder, "members.json") : null,
        Postgres = _postgres,
        ProbeTimeout = _probe,
        Lease = _lease,
    };

    private sealed class Stopper(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
