using XLLM.Cli.Hosting;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Console;

/// <summary>A server of the demo model, shared by the tests of the console.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private ServerHost? _server;

    public string Url => _server!.Url + "/";

    public async Task InitializeAsync() => _server = await ServerHost.StartAsync(
        new ServeSettings { Model = SharedData.DemoModel, Name = "xllm-demo", Port = 0, Threads = 1, Quiet = true }, CancellationToken.None);

    public async Task DisposeAsync() => await _server!.DisposeAsync();
}
