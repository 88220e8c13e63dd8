using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Serilog;
using XLLM.Cli.Hosting.Dashboard;
using XLLM.Contracts.Configuration;
using XLLM.Gateway.Hosting;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Hosting;

/// <summary>Puts a process together: its silo, and what it serves over HTTP in its role. Not started.</summary>
internal static class NodeBuilder
{
    /// <summary>Throws <see cref="OptionsException"/> for settings that cannot be.</summary>
    public static WebApplication Build(Settings settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddConfiguration(settings.Configuration);
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(
            new LoggerConfiguration().ReadFrom.Configuration(settings.Configuration).CreateLogger(), dispose: true);
        ClusterSecret secret = ClusterSecret.Of(settings.Cluster);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(secret);
        builder.Services.AddSingleton(settings.Cluster);
        builder.Services.AddSingleton(new BlockHashKey(secret.BlockHashSeed()));
        // Before the silo, so that its spans have somewhere to go until the very end.
        builder.Services.AddXllmTracing(settings);
        builder.Host.UseOrleans(silo =>
        {
            silo.UseXllmCluster(settings.Cluster);
            silo.AddXllmSilo(settings.Silo, settings.Cluster.Role);
            if (settings.Cluster.Dashboard)
            {
                ActorDashboard.AddTo(silo);
            }
        });
        // A drain has its time, then the last words.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Silo.DrainTimeout + TimeSpan.FromSeconds(15));
        builder.Services.AddXllmMetrics();
        // A token's write goes to the socket on the thread that made it, not over two more.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        return settings.Cluster.Role == NodeRole.Engine ? BuildEngine(builder, settings) : BuildGateway(builder, settings);
    }

    private static WebApplication BuildGateway(WebApplicationBuilder builder, Settings settings)
    {
        builder.Services.AddXllmGateway(settings.Gateway);
        if (settings.Cluster.Dashboard)
        {
            ActorDashboard.LinkIn(builder.Services);
        }

        Listen(builder, settings.Server.Host, settings.Server.Port, "Server:Host");
        WebApplication app = builder.Build();
        app.MapXllmGateway();
        if (settings.Cluster.Dashboard)
        {
            ActorDashboard.MapTo(app);
        }

        return app;
    }

    private static WebApplication BuildEngine(WebApplicationBuilder builder, Settings settings)
    {
        Listen(builder, settings.Telemetry.MetricsHost, settings.Telemetry.MetricsPort, "Telemetry:MetricsHost");
        WebApplication app = builder.Build();
        app.MapEngineNode();
        return app;
    }

    private static void Listen(WebApplicationBuilder builder, string host, int port, string key)
    {
        Action<KestrelServerOptions> listen;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            listen = kestrel => kestrel.Listen(address, port);
        }
        else if (host == "localhost" && port != 0)
        {
            listen = kestrel => kestrel.ListenLocalhost(port);
        }
        else
        {
            throw new OptionsException([$"{key}: '{host}' is not an address; give one of this machine's, 127.0.0.1 or 0.0.0.0."]);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
    }
}
