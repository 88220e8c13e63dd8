using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Serilog;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Hosting;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Composition;

namespace XLLM.Cli.Hosting;

/// <summary>One process with everything: a silo with its engine, and the gateway. Started, with its models loaded or failed.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServerHost(WebApplication app, string url, ModelReadiness readiness)
    {
        (_app, Url, Readiness) = (app, url, readiness);
    }

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:8000</c>.</summary>
    public string Url { get; }

    public ModelReadiness Readiness { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>
    /// Starts and waits for the models. Throws <see cref="Contracts.Configuration.OptionsException"/> for wrong settings,
    /// <see cref="IOException"/> when the port is taken, <see cref="ServeException"/> when a model cannot be loaded.
    /// </summary>
    public static async Task<ServerHost> StartAsync(ServeSettings flags, CancellationToken cancellationToken)
    {
        Settings settings = Settings.Read(flags);
        WebApplication app = Build(settings);
        try
        {
            await app.StartAsync(cancellationToken);
            ModelReadiness readiness = await WaitAsync(app.Services.GetRequiredService<IModelReadiness>(), cancellationToken);
            if (readiness.State != ReadinessState.Ready)
            {
                throw new ServeException(readiness.Error ?? "The model could not be loaded.");
            }

            return new ServerHost(app, app.Urls.First().TrimEnd('/'), readiness);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(Settings settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddConfiguration(settings.Configuration);
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(
            new LoggerConfiguration().ReadFrom.Configuration(settings.Configuration).CreateLogger(), dispose: true);
        builder.Host.UseOrleans(silo =>
        {
            (int siloPort, int gatewayPort) = FreePorts();
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            silo.AddXllmSilo(settings.Silo);
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new BlockHashKey(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))));
        builder.Services.AddXllmGateway(settings.Gateway);
        // A token's write goes to the socket on the thread that made it, not over two more.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (IPAddress.TryParse(settings.Server.Host, out IPAddress? address))
            {
                kestrel.Listen(address, settings.Server.Port);
            }
            else if (settings.Server.Host == "localhost" && settings.Server.Port != 0)
            {
                kestrel.ListenLocalhost(settings.Server.Port);
            }
            else
            {
                throw new Contracts.Configuration.OptionsException(
                    [$"Server:Host: '{settings.Server.Host}' is not an address; give one of this machine's, 127.0.0.1 or 0.0.0.0."]);
            }
        });
        WebApplication app = builder.Build();
        app.MapXllmGateway();
        return app;
    }

    private static async Task<ModelReadiness> WaitAsync(IModelReadiness models, CancellationToken cancellationToken)
    {
        ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        Task<ModelReadiness> settled = models.WhenSettledAsync(cancellationToken);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(100));
        bool shown = false;
        while (!settled.IsCompleted)
        {
            // A load that is over before the first tick needs no bar.
            await Task.WhenAny(settled, tick.WaitForNextTickAsync(cancellationToken).AsTask());
            if (!settled.IsCompleted)
            {
                shown = true;
                line.Report("loading", (long)Math.Min(models.Current.Progress * 1000, 999), 1000);
            }
        }

        if (shown)
        {
            line.EndLine();
        }

        return await settled;
    }

    /// <summary>The silo listens beside the gateway; several servers on one machine must not meet.</summary>
    private static (int Silo, int Gateway) FreePorts()
    {
        using TcpListener first = new(IPAddress.Loopback, 0);
        using TcpListener second = new(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
