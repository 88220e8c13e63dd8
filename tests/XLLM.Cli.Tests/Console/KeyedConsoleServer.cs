using System.Text.Json;
using XLLM.Cli.Hosting;
using XLLM.Gateway.Keys;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Console;

/// <summary>A server of the demo model that needs keys, and has an admin's.</summary>
public sealed class KeyedConsoleServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-console-").FullName;
    private ServerHost? _server;

    public string Url => _server!.Url + "/";

    public string AdminKey { get; } = ApiKeyText.New();

    public async Task InitializeAsync()
    {
        string keys = Path.Combine(_folder, "keys.json");
        string settings = Path.Combine(_folder, "settings.json");
        ApiKeyFile.Write(keys, [new ApiKeyRecord { Name = "admin", Hash = ApiKeyText.HashOf(AdminKey), Created = DateTimeOffset.UtcNow, IsAdmin = true }]);
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new { Gateway = new { ApiKeysFile = keys } }));
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
