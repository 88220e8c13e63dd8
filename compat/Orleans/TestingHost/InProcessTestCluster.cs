using System.Collections.ObjectModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Orleans.TestingHost;

/// <summary>Silos and a client in this process. Calls between them cross an in-memory transport as bytes.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly InProcessFabric _fabric = new();
    private IHost? _client;
    private int _started;

    internal InProcessTestCluster(InProcessTestClusterOptions options)
    {
        Options = options;
    }

    public InProcessTestClusterOptions Options { get; }

    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_silos)
            {
                return _silos.ToArray().AsReadOnly();
            }
        }
    }

    /// <summary>A client beside the cluster. When a silo dies its open calls only time out.</summary>
    public IClusterClient Client => _client?.Services.GetRequiredService<IClusterClient>()
        ?? throw new InvalidOperationException("The cluster has no client; DeployAsync makes it.");

    public async Task DeployAsync()
    {
        await StartSilosAsync(Options.InitialSilosCount);
        if (Options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync();
        }
    }

    public async Task InitializeClientAsync()
    {
        await StopClusterClientAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = "TestClusterClient",
            EnvironmentName = Environments.Development,
            DisableDefaults = true,
        });
        foreach (var configure in Options.ClientHostConfigurationDelegates)
        {
            configure(builder);
        }

        builder.Services.AddSingleton(_fabric);
        builder.UseOrleansClient(client => client.Configure<ClusterOptions>(SetNames));
        _client = builder.Build();
        await _client.StartAsync();
    }

    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => StartSiloAsync(_started, Options);

    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var started = new List<InProcessSiloHandle>();
        for (var i = 0; i < silosToStart; i++)
        {
            started.Add(await StartAdditionalSiloAsync());
        }

        return started;
    }

    public async Task<InProcessSiloHandle> StartSiloAsync(int instanceNumber, InProcessTestClusterOptions clusterOptions)
    {
        _started = Math.Max(_started, instanceNumber + 1);
        var handle = await CreateSiloAsync(InProcessTestSiloSpecificOptions.Create(this, clusterOptions, instanceNumber));
        handle.InstanceNumber = (short)instanceNumber;
        lock (_silos)
        {
            _silos.Add(handle);
        }

        await WaitForLivenessToStabilizeAsync();
        return handle;
    }

    public async Task<InProcessSiloHandle> CreateSiloAsync(InProcessTestSiloSpecificOptions siloOptions)
    {
        ArgumentNullException.ThrowIfNull(siloOptions);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = siloOptions.SiloName,
            EnvironmentName = Environments.Development,
            DisableDefaults = true,
        });
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(siloOptions, builder);
        }

        builder.Services.AddSingleton(_fabric);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(SetNames);
            silo.Configure<SiloOptions>(options => options.SiloName = siloOptions.SiloName);
            silo.Configure<EndpointOptions>(options =>
            {
                options.SiloPort = siloOptions.SiloPort;
                options.GatewayPort = siloOptions.GatewayPort;
            });
            silo.Services.AddSingleton<DistributedDirectoryMarker>();
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        return new InProcessSiloHandle
        {
            Name = siloOptions.SiloName,
            SiloHost = host,
            SiloAddress = details.SiloAddress,
            GatewayAddress = details.GatewayAddress,
        };
    }

    public async Task StopSiloAsync(InProcessSiloHandle instance)
    {
        await instance.StopSiloAsync(true);
        Remove(instance);
    }

    /// <summary>A crash: nothing is deactivated, nobody is told.</summary>
    public async Task KillSiloAsync(InProcessSiloHandle instance)
    {
        await instance.StopSiloAsync(false);
        Remove(instance);
    }

    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        if (instance is null)
        {
            return null;
        }

        await StopSiloAsync(instance);
        return await StartSiloAsync(instance.InstanceNumber, Options);
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos.Where(s => s.IsActive);

    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        GetActiveSilos().FirstOrDefault(s => s.SiloAddress.Equals(siloAddress));

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silo is null ? GetActiveSilos().FirstOrDefault() : GetSiloForAddress(silo))?.ServiceProvider
        ?? throw new ArgumentException($"No active silo {silo}.", nameof(silo));

    public async Task MigrateAsync(IAddressable grain, SiloAddress? targetSilo = null)
    {
        if (targetSilo is not null)
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, targetSilo);
        }

        await grain.Cast<IGrainManagementExtension>().MigrateOnIdle();
    }

    /// <summary>Completes when all silos and the client agree on who is alive.</summary>
    public async Task WaitForLivenessToStabilizeAsync(bool didKill = false)
    {
        var active = GetActiveSilos().ToArray();
        var expected = active.Select(s => s.SiloAddress).ToHashSet();
        foreach (var silo in active)
        {
            await foreach (var snapshot in silo.ServiceProvider.GetRequiredService<IClusterMembershipService>().MembershipUpdates)
            {
                if (snapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).ToHashSet()
                    .SetEquals(expected))
                {
                    break;
                }
            }
        }
    }

    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
        {
            await client.StopAsync();
            client.Dispose();
        }
    }

    public async Task StopSilosAsync()
    {
        foreach (var silo in Silos.Reverse())
        {
            await StopSiloAsync(silo);
        }
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        await StopSilosAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in Silos.Reverse())
        {
            await silo.DisposeAsync();
        }
    }

    public void Dispose() => Task.Run(async () => await DisposeAsync()).GetAwaiter().GetResult();

    private void SetNames(ClusterOptions options)
    {
        options.ClusterId = Options.ClusterId;
        options.ServiceId = Options.ServiceId;
    }

    private void Remove(InProcessSiloHandle instance)
    {
        lock (_silos)
        {
            _silos.Remove(instance);
        }
    }
}
