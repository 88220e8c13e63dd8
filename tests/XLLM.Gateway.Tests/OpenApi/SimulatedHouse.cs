using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Hosting;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Structures;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Hosting;
using XLLM.Gateway.Models;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Tests.Harness;
using XLLM.Grammar;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>
/// The whole house in this process, gateway to engine, around a simulated model: everything is real but the kernels and the
/// tokenizer.
/// </summary>
internal sealed class SimulatedHouse : IAsyncDisposable
{
    private const int Context = 256;

    private readonly WebApplication _app;
    private readonly string _folder;

    private SimulatedHouse(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 })
        {
            BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public HttpClient Client { get; }

    public GatewayOptions Options => _app.Services.GetRequiredService<GatewayOptions>();

    public LogCollector Logs => _app.Services.GetRequiredService<LogCollector>();

    public static async Task<SimulatedHouse> StartAsync(Action<GatewayOptions> configure)
    {
        string folder = Directory.CreateTempSubdirectory("xllm-property").FullName;
        var options = new GatewayOptions { DataFolder = folder };
        configure(options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var logs = new LogCollector();
        builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton(logs);
        builder.Host.UseOrleans(silo =>
        {
            int[] ports = FreePorts();
            silo.UseLocalhostClustering(ports[0], ports[1]);
            silo.AddXllmSilo(new XllmSiloOptions { Name = "house", Engines = [new EngineOptions { Model = "simulated", Name = ToyFleet.ModelName }] });
            silo.Services.AddSingleton<IEngineFactory>(new Factory());
        });
        builder.Services.AddSingleton<IModelTextLoader>(new ToyFleet
        {
            Format = new AnswerFormat(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes),
        });
        builder.Services.AddXllmGateway(options);
        WebApplication app = builder.Build();
        app.MapXllmGateway();
        await app.StartAsync();
        ModelReadiness ready = await app.Services.GetRequiredService<IModelReadiness>().WhenSettledAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(ready.State == ReadinessState.Ready, ready.Error);
        return new SimulatedHouse(app, folder);
    }

    /// <summary>Waits until nothing runs any more, and looks through all books.</summary>
    public async Task AssertNothingLeftAsync()
    {
        IInstanceGrain instance = _app.Services.GetRequiredService<IGrainFactory>().GetGrain<IInstanceGrain>(InstanceId.Of("house", "cpu0").Value);
        GatewayTokenHub hub = _app.Services.GetRequiredService<GatewayTokenHub>();
        GenerationGate gate = _app.Services.GetRequiredService<GenerationGate>();
        using var limit = new CancellationTokenSource(TestTime.Limit);
        while (true)
        {
            LoadReport load = (await instance.DescribeAsync()).Load;
            if (load.Running + load.Waiting + hub.Count + gate.InFlight == 0)
            {
                break;
            }

            Assert.False(
                limit.IsCancellationRequested,
                $"{load.Running} run, {load.Waiting} wait, {hub.Count} are listened for, {gate.InFlight} places are taken");
        }

        Assert.Empty(await instance.CheckIntegrityAsync());
        Assert.Contains("\"faults\":[]", await Client.GetStringAsync("/cluster/integrity"));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
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

    private sealed class Factory : IEngineFactory
    {
        public IInferenceEngine Create(
            InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
        {
            var model = new SimulatedModelOptions
            {
                Name = ToyFleet.ModelName, VocabularySize = ToyCodec.VocabularySize, EndToken = ToyCodec.End, ContextLength = Context,
                EmbeddingSize = 16,
            };
            return EngineLoop.Start(
                instance, epoch, new SimulatedModelRunner(model), new EngineLoopOptions(), TimeProvider.System, NullLogger.Instance,
                structures: new OutputStructures(new GrammarCache(), Vocabulary));
        }

        private static GrammarTokenizer Vocabulary()
        {
            ReadOnlyMemory<byte>[] tokens =
                [.. Enumerable.Range(0, ToyCodec.VocabularySize).Select(t => t < 256 ? new ReadOnlyMemory<byte>([(byte)t]) : default)];
            return new GrammarTokenizer(tokens, [ToyCodec.End]);
        }
    }
}
