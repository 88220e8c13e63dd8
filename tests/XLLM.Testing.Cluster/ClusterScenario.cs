using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;
using XLLM.Testing.Engines;

namespace XLLM.Testing.Cluster;

/// <summary>Describes a cluster so that a test reads like a sentence: so many silos, engines like this, then run.</summary>
public sealed class ClusterScenario
{
    private readonly short _silos;
    private readonly List<Action<XllmSiloOptions>> _options = [];
    private Func<InstanceId, FakeEngineOptions> _engines = _ => new FakeEngineOptions();
    private Func<int, bool> _hasEngine = _ => true;
    private IEngineFactory? _factory;
    private ILoggerProvider? _log;

    private ClusterScenario(short silos) => _silos = silos;

    /// <summary>A cluster of this many silos, each with one fake engine on device cpu0.</summary>
    public static ClusterScenario Of(int silos) => new((short)silos);

    /// <summary>All engines behave so.</summary>
    public ClusterScenario Engines(FakeEngineOptions options) => Engines(_ => options);

    /// <summary>Each engine behaves as the function says.</summary>
    public ClusterScenario Engines(Func<InstanceId, FakeEngineOptions> options)
    {
        _engines = options;
        return this;
    }

    /// <summary>Engines that emit nothing by themselves.</summary>
    public ClusterScenario Scripted() => Engines(new FakeEngineOptions { Automatic = false });

    /// <summary>Engines from this factory instead of fake ones.</summary>
    public ClusterScenario EnginesFrom(IEngineFactory factory)
    {
        _factory = factory;
        return this;
    }

    /// <summary>Only silos with these numbers have an engine.</summary>
    public ClusterScenario EnginesOnlyOn(params int[] silos)
    {
        _hasEngine = silos.Contains;
        return this;
    }

    /// <summary>Changes every silo's options.</summary>
    public ClusterScenario With(Action<XllmSiloOptions> change)
    {
        _options.Add(change);
        return this;
    }

    /// <summary>Sends every silo's log there.</summary>
    public ClusterScenario LogTo(ILoggerProvider log)
    {
        _log = log;
        return this;
    }

    /// <summary>Runs the test on the cluster, then checks that nothing has leaked on any silo that still lives.</summary>
    public async Task RunAsync(Func<TestCluster, Task> test)
    {
        await using TestCluster cluster = await StartAsync();
        await test(cluster);
        await cluster.AssertSoundAsync();
    }

    /// <summary>Starts it and waits until every engine is loaded and every silo knows them all.</summary>
    public async Task<TestCluster> StartAsync()
    {
        var fakes = new FakeEngineFactory(_engines);
        var builder = new InProcessTestClusterBuilder(_silos);
        builder.Options.AssumeHomogenousSilosForTesting = false; // It would switch placement filters off.
        builder.ConfigureSilo((silo, orleans) =>
        {
            int number = int.Parse(silo.SiloName[(silo.SiloName.IndexOf('_') + 1)..], CultureInfo.InvariantCulture);
            orleans.Services.AddSingleton(_factory ?? fakes);
            orleans.AddXllmSilo(MakeOptions(silo.SiloName, number));
            if (_log is not null)
            {
                orleans.Services.AddLogging(x => x.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
            }
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        var running = new TestCluster(cluster, fakes);
        await running.WaitUntilReadyAsync();
        return running;
    }

    private XllmSiloOptions MakeOptions(string name, int number)
    {
        var options = new XllmSiloOptions { Name = name };
        if (_hasEngine(number))
        {
            options.Engines.Add(new EngineOptions { Model = "demo", Name = "demo" });
        }

        // Tests that mean a death shorten these; in all others a slow machine must not look like one.
        options.Fleet.SuspectAfter = TimeSpan.FromSeconds(30);
        options.Fleet.DeadAfter = TimeSpan.FromSeconds(60);
        foreach (Action<XllmSiloOptions> change in _options)
        {
            change(options);
        }

        return options;
    }
}
