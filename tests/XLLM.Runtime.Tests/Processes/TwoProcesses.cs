namespace XLLM.Runtime.Tests.Processes;

/// <summary>A silo here and one in another process, for tests that leave both as they are.</summary>
public sealed class TwoProcesses : IAsyncLifetime
{
    public ProcessCluster Cluster { get; private set; } = null!;

    public SiloProcess Other { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await ProcessCluster.StartAsync(probeMilliseconds: 1000);
        Other = await Cluster.StartProcessAsync();
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
