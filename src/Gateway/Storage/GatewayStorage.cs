using XLLM.Gateway.Batches;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Files;

namespace XLLM.Gateway.Storage;

/// <summary>What outlives the process, when the gateway has a folder for it. Any thread.</summary>
internal sealed class GatewayStorage : IDisposable
{
    private readonly FileStore? _files;
    private readonly BatchStore? _batches;

    /// <exception cref="Contracts.Configuration.OptionsException">The folder cannot be used.</exception>
    public GatewayStorage(GatewayOptions options, TimeProvider time)
    {
        if (options.DataFolder is { } path)
        {
            Folder = new DataFolder(path);
            Database = new GatewayDatabase(Folder);
            Presence = new GatewayPresence(Folder);
            _files = new FileStore(Folder, Database, options, time);
            _batches = new BatchStore(Database, time);
        }
    }

    public DataFolder? Folder { get; }

    public GatewayDatabase? Database { get; }

    public GatewayPresence? Presence { get; }

    public bool IsOn => Folder is not null;

    /// <exception cref="ApiException">There is no folder: 501.</exception>
    public FileStore Files => _files ?? throw Off();

    /// <exception cref="ApiException">There is no folder: 501.</exception>
    public BatchStore Batches => _batches ?? throw Off();

    public void Dispose() => Presence?.Dispose();

    private static ApiException Off() => ApiException.Of(
        DoorErrors.NoStorage, "This server keeps no files and no batches: 'Gateway:DataFolder' is not set.");
}
