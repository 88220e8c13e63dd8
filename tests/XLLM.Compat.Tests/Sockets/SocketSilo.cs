using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>A silo of this process that listens on a socket.</summary>
internal sealed class SocketSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private SocketSilo(IHost host, LogLines log, FatalErrors fatalErrors)
    {
        _host = host;
        Log = log;
        FatalErrors = fatalErrors;
    }

    public LogLines Log { get; }

    public FatalErrors FatalErrors { get; }

    public SiloAddress Address => Get<ILocalSiloDetails>().SiloAddress;

    public IClusterMembershipService Membership => Get<IClusterMembershipService>();

    /// <summary>Starts a silo; <paramref name="before"/> runs when its address is known and nothing is started.</summary>
    public static async Task<SocketSilo> StartAsync(
        OneTable table, string cluster = "sockets", Action<ISiloBuilder>? configure = null, Func<SocketSilo, Task>? before = null)
    {
        var (log, fatal) = (new LogLines(), new FatalErrors());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.UseOrleans(silo =>
        {
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), 0);
            silo.Configure<ClusterOptions>(x => (x.ClusterId, x.ServiceId) = (cluster, "service"));
            silo.Configure<GrainDirectoryOptions>(x => x.RangeLeaseDuration = TimeSpan.Zero);
            silo.Configure<ConnectionOptions>(x => x.ConnectionRetryDelay = TimeSpan.FromMilliseconds(100));
            silo.Services.AddSingleton<IMembershipTable>(table);
            silo.Services.AddSingleton<IFatalErrorHandler>(fatal);
#pragma warning disable ORLEANSEXP003 // The directory is experimental in name.
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            configure?.Invoke(silo);
        });
        var silo = new SocketSilo(builder.Build(), log, fatal);
        try
        {
            await (before?.Invoke(silo) ?? Task.CompletedTask);
            await silo._host.StartAsync();
            return silo;
        }
        catch
        {
            silo._host.Dispose();
            throw;
        }
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async Task WaitForAsync(SiloAddress silo, SiloStatus status)
    {
        await foreach (var snapshot in Membership.MembershipUpdates)
        {
            if (snapshot.GetSiloStatus(silo) == status)
            {
                return;
            }
        }
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
