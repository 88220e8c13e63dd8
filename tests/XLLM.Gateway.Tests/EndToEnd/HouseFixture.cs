using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Hosting;
using XLLM.Gateway.Tests.Harness;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.EndToEnd;

/// <summary>The whole house in this process: gateway, silo, grains, engine and kernels, with the demo model. Shared by the tests.</summary>
public sealed class HouseFixture : IAsyncLifetime
{
    public const string Model = "demo";

    private WebApplication? _app;

    internal HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    internal LogCollector Logs { get; } = new();

    internal Uri Address => Client.BaseAddress!;

    internal IGrainFactory Grains => _app!.Services.GetRequiredService<IGrainFactory>();

    internal InstanceId Instance => _app!.Services.GetRequiredService<IModelReadiness>().Current.Instances[0].Id;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(Logs);
        builder.Host.UseOrleans(silo =>
        {
            int[] ports = FreePorts();
            silo.UseLocalhostClustering(ports[0], ports[1]);
            silo.AddXllmSilo(new XllmSiloOptions
            {
                Name = "house",
                Engines = [new EngineOptions { Model = SharedData.DemoModel, Name = Model, Threads = 2 }],
            });
        });
        builder.Services.AddXllmGateway(new GatewayOptions());
        _app = builder.Build();
        _app.MapXllmGateway();
        await _app.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        ModelReadiness readiness = await _app.Services.GetRequiredService<IModelReadiness>().WhenSettledAsync(limit.Token);
        Assert.True(readiness.State == ReadinessState.Ready, readiness.Error);
        Client.BaseAddress = new Uri(
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Waits until no request runs or waits, then audits the engine's books.</summary>
    internal async Task AssertIdleAndSoundAsync()
    {
        IInstanceGrain instance = Grains.GetGrain<IInstanceGrain>(Instance.Value);
        using var limit = new CancellationTokenSource(TestTime.Limit);
        LoadReport load;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            load = (await instance.DescribeAsync()).Load;
        }
        while (load.Running + load.Waiting > 0);

        Assert.Empty(await instance.CheckIntegrityAsync());
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    private static int[] FreePorts()
    {
        TcpListener[] listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        foreach (TcpListener listener in listeners)
        {
            listener.Start();
        }

        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }
}
