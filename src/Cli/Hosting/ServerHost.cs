using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Ports;

namespace XLLM.Cli.Hosting;

/// <summary>One process: a silo with what its role asks for, engines, the gateway or both. Started, with its models loaded or failed.</summary>
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
    public static Task<ServerHost> StartAsync(ServeSettings flags, CancellationToken cancellationToken) =>
        StartAsync(Settings.Read(flags), cancellationToken);

    /// <summary>As the other, with settings that were read already.</summary>
    public static async Task<ServerHost> StartAsync(Settings settings, CancellationToken cancellationToken)
    {
        WebApplication app = NodeBuilder.Build(settings);
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
}
