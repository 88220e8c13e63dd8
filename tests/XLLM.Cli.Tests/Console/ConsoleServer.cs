using System.Text.Json;
using XLLM.Cli.Hosting;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Console;

/// <summary>A server of the demo model that keeps files, shared by the tests of the console.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-console-").FullName;
    private ServerHost? _server;

    public string Url => _server!.Url + "/";

    /// <summary>Somewhere for a test's files.</summary>
    public string Folder => _folder;

    public async Task InitializeAsync()
    {
        string settings = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(
            settings, JsonSerializer.Serialize(new { Gateway = new { DataFolder = Path.Combine(_folder, "data"), BatchTokenTime = "00:00:10" } }));
        _server = await ServerHost.StartAsync(
            new ServeSettings { Model = SharedData.DemoModel, Name = "xllm-demo", Port = 0, Threads = 1, Quiet = true, ConfigFile = settings },
            CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
