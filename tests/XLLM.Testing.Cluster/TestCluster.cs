using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Grains.Fleet;
using XLLM.Grains.Instances;
using XLLM.Grains.Telemetry;
using XLLM.Testing.Engines;
using Xunit;

namespace XLLM.Testing.Cluster;

/// <summary>A running cluster of a <see cref="ClusterScenario"/>. Silos are numbered from 0.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly FakeEngineFactory _fakes;
    private readonly List<InProcessSiloHandle> _silos;
    private readonly List<InProcessSiloHandle> _gone = [];
    private readonly List<TestGateway> _gateways = [];

    internal TestCluster(InProcessTestCluster cluster, FakeEngineFactory fakes)
    {
        _cluster = cluster;
        _fakes = fakes;
        _silos = [.. cluster.Silos.OrderBy(x => x.Name, StringComparer.Ordinal)];
        Gateway = NewGateway(0);
        Outcomes.Watch(Live().Select(x => x.ServiceProvider.GetRequiredService<RequestOutcomes>()));
    }

    /// <summary>A gateway on silo 0.</summary>
    public TestGateway Gateway { get; }

    /// <summary>What the silos counted.</summary>
    public OutcomeLedger Outcomes { get; } = new();

    /// <summary>The grains as silo 0 sees them.</summary>
    public IGrainFactory Grains => Service<IGrainFactory>(0);

    /// <summary>Another gateway on a silo.</summary>
    public TestGateway NewGateway(int silo)
    {
        var gateway = new TestGateway(Service<IGrainFactory>(silo));
        _gateways.Add(gateway);
        return gateway;
    }

    /// <summary>Identity of the instance on a silo.</summary>
    public InstanceId Instance(int silo) => InstanceId.Of(_silos[silo].Name, "cpu0");

    /// <summary>The fake engine on a silo.</summary>
    public FakeEngine Engine(int silo) => _fakes[Instance(silo)];

    /// <summary>The fake engine of an instance.</summary>
    public FakeEngine Engine(InstanceId instance) => _fakes[instance];

    /// <summary>Number of the silo that has the instance.</summary>
    public int SiloOf(InstanceId instance) => _silos.FindIndex(x => x.Name == instance.SiloName);

    /// <summary>A service of a silo.</summary>
    public T Service<T>(int silo)
        where T : notnull => _silos[silo].ServiceProvider.GetRequiredService<T>();

    /// <summary>A request for the model; prompts of different seeds differ.</summary>
    public static InferenceRequest Request(int seed = 1, int maxTokens = 4, int promptTokens = 8, string model = "demo") => new()
    {
        Id = RequestId.New(),
        Model = model,
        PromptTokens = [.. Enumerable.Range(seed, promptTokens)],
        Stop = new StopOptions { MaxTokens = maxTokens },
    };

    /// <summary>Sends a silo's reports and block events now, and shows the result to all silos.</summary>
    public async Task ReportAsync(int silo)
    {
        foreach (LocalInstance instance in Service<LocalInstances>(silo).All)
        {
            await instance.BeatAsync().Within();
        }

        await RefreshAsync();
    }

    /// <summary>Every live silo looks at the fleet now.</summary>
    public async Task RefreshAsync()
    {
        foreach (InProcessSiloHandle silo in Live())
        {
            await silo.ServiceProvider.GetRequiredService<FleetView>().RefreshAsync().Within();
        }
    }

    /// <summary>The silo crashes: nobody is told.</summary>
    public async Task KillAsync(int silo)
    {
        _gone.Add(_silos[silo]);
        await _cluster.KillSiloAsync(_silos[silo]).Within();
    }

    /// <summary>The silo stops in an orderly way.</summary>
    public async Task StopAsync(int silo)
    {
        _gone.Add(_silos[silo]);
        await _cluster.StopSiloAsync(_silos[silo]).Within();
    }

    /// <summary>A silo of this number that was killed or stopped starts again, under its name; waits until it is ready, and shows that to all silos.</summary>
    public async Task RestartAsync(int silo, bool show = true)
    {
        InProcessSiloHandle old = _silos[silo];
        InProcessSiloHandle started = await _cluster.StartSiloAsync(silo, _cluster.Options).Within();
        Assert.Equal(old.Name, started.Name);
        _silos[silo] = started;
        _gone.Remove(old);
        Outcomes.Watch([started.ServiceProvider.GetRequiredService<RequestOutcomes>()]);
        ModelReadiness ready = await started.ServiceProvider.GetRequiredService<IModelReadiness>().WhenSettledAsync().Within();
        Assert.True(ready.State == ReadinessState.Ready, ready.Error);
        if (show)
        {
            await RefreshAsync();
        }
    }

    /// <summary>All engines empty, all integrity checks clean, no stream saw a fault.</summary>
    public async Task AssertSoundAsync()
    {
        await RefreshAsync();
        List<string> faults = [];
        IGrainFactory grains = Live().First().ServiceProvider.GetRequiredService<IGrainFactory>();
        foreach (InstanceStatus status in LiveInstances())
        {
            LocalInstance local = Service<LocalInstances>(SiloOf(status.Descriptor.Id)).Find(status.Descriptor.Id)!;
            await local.Pump.WhenIdleAsync().Within($"the pump of {status.Descriptor.Id} falls idle");
            faults.AddRange(await grains.GetGrain<IInstanceGrain>(status.Descriptor.Id.Value).CheckIntegrityAsync().Within());
        }

        Assert.Empty(faults);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Outcomes.Dispose();
        GC.KeepAlive(_gateways);
    }

    internal async Task WaitUntilReadyAsync()
    {
        foreach (InProcessSiloHandle silo in _silos)
        {
            ModelReadiness ready = await silo.ServiceProvider.GetRequiredService<IModelReadiness>().WhenSettledAsync().Within();
            Assert.True(ready.State == ReadinessState.Ready, ready.Error);
        }

        await RefreshAsync();
    }

    private IEnumerable<InProcessSiloHandle> Live() => _silos.Except(_gone);

    private ImmutableArray<InstanceStatus> LiveInstances()
    {
        HashSet<string> live = [.. Live().Select(x => x.Name)];
        FleetSnapshot fleet = Live().First().ServiceProvider.GetRequiredService<FleetView>().Current;
        return [.. fleet.Instances.Where(x => live.Contains(x.Descriptor.Id.SiloName))];
    }
}
