using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Hosting;
using XLLM.Gateway.Models;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Structure;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>A real gateway on a free port of the loopback, with a scripted house behind it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, ToyFleet fleet)
    {
        _app = app;
        Fleet = fleet;
        Backend = app.Services.GetRequiredService<ScriptedBackend>();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TestTime.Limit };
    }

    public ScriptedBackend Backend { get; }

    public ToyFleet Fleet { get; }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public GatewayTokenHub Hub => _app.Services.GetRequiredService<GatewayTokenHub>();

    public GatewayMetrics Metrics => _app.Services.GetRequiredService<GatewayMetrics>();

    public StructureChecks Structures => _app.Services.GetRequiredService<StructureChecks>();

    public LogCollector Logs => _app.Services.GetRequiredService<LogCollector>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Everything that is mapped.</summary>
    public IReadOnlyList<RouteEndpoint> Routes =>
        [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()];

    public static async Task<GatewayHost> StartAsync(Action<GatewayOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new GatewayOptions();
        configure?.Invoke(options);
        var fleet = new ToyFleet();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.UseSetting("suppressStatusMessages", "true");
        builder.Logging.ClearProviders();
        var logs = new LogCollector();
        builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<ScriptedBackend>();
        builder.Services.AddSingleton<IRequestBackend>(s => s.GetRequiredService<ScriptedBackend>());
        builder.Services.AddSingleton<IFleetView>(fleet);
        builder.Services.AddSingleton<IModelReadiness>(fleet);
        builder.Services.AddSingleton<IModelTextLoader>(fleet);
        builder.Services.AddXllmGateway(options);
        WebApplication app = builder.Build();
        app.MapXllmGateway();
        await app.StartAsync();
        return new GatewayHost(app, fleet);
    }

    /// <summary>Posts JSON written as text.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json) =>
        Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Posts an object as JSON and reads a 200's JSON.</summary>
    public async Task<JsonElement> AskAsync(string path, object body)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>Posts an object as JSON and gives the answer when its head has come.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, object body) => await Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) }, HttpCompletionOption.ResponseHeadersRead);

    /// <summary>Posts an object as JSON and reads all events of the stream.</summary>
    public async Task<SseEvents> StreamAsync(string path, object body)
    {
        using HttpResponseMessage response = await OpenAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return SseEvents.Parse(text);
    }

    /// <summary>No request of this gateway is left anywhere.</summary>
    public void AssertNothingLeft() => Assert.Equal(0, Hub.Count);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
