using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.TestingHost;
using XLLM.Contracts.Configuration;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;
using XLLM.Testing;
using XLLM.Testing.Cluster;
using XLLM.Testing.Engines;

namespace XLLM.Cluster.Tests.Lifecycle;

public sealed class ReadinessTests
{
    [Fact]
    public async Task A_silo_answers_while_its_model_loads_and_is_ready_afterwards()
    {
        var factory = new HeldFactory();
        await using InProcessTestCluster cluster = await StartAsync(factory);
        IModelReadiness readiness = cluster.Silos[0].ServiceProvider.GetRequiredService<IModelReadiness>();
        await factory.Reached.Task.Within();

        ModelReadiness loading = readiness.Current;
        factory.GoOn.SetResult(null);
        ModelReadiness ready = await readiness.WhenSettledAsync().Within();

        Assert.Equal((ReadinessState.Loading, 0.25), (loading.State, loading.Progress));
        Assert.Equal(ReadinessState.Ready, ready.State);
        Assert.Equal("demo", Assert.Single(ready.Instances).Model.Name);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_is_told_with_its_reason()
    {
        var factory = new HeldFactory();
        await using InProcessTestCluster cluster = await StartAsync(factory);
        IModelReadiness readiness = cluster.Silos[0].ServiceProvider.GetRequiredService<IModelReadiness>();

        factory.GoOn.SetResult(new InvalidDataException("demo.gguf is cut off at byte 12"));
        ModelReadiness failed = await readiness.WhenSettledAsync().Within();

        Assert.Equal(ReadinessState.Failed, failed.State);
        Assert.Equal("demo.gguf is cut off at byte 12", failed.Error);
    }

    [Fact]
    public void Wrong_options_are_refused_with_all_errors_at_once()
    {
        var options = new XllmSiloOptions { Name = "a/b", DrainTimeout = TimeSpan.FromDays(1) };
        options.Routing.Policy = "fastest";
        options.Fleet.ReportPeriod = TimeSpan.Zero;
        options.Engines.Add(new EngineOptions { Isa = "sse", BlockTokens = 17, Threads = -1, MaxRunning = 0 });
        options.Engines.Add(new EngineOptions { Model = "x", Device = "cpu0" });
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(null);

        OptionsException error = Assert.Throws<OptionsException>(
            () => host.UseOrleans(x => x.UseLocalhostClustering().AddXllmSilo(options)));

        string[] expected =
        [
            "Name is 'a/b'", "DrainTimeout is", "Engines: 2 engines are on device 'cpu0'", "Routing:Policy is 'fastest'",
            "Fleet:ReportPeriod is", "Engines:0:Model is empty", "Engines:0:Threads is -1", "Engines:0:Isa is 'sse'",
            "Engines:0:BlockTokens is 17", "Engines:0:MaxRunning is 0",
        ];
        Assert.Equal(expected.Length, error.Errors.Count);
        Assert.All(expected.Zip(error.Errors), x => Assert.StartsWith(x.First, x.Second));
    }

    private static async Task<InProcessTestCluster> StartAsync(IEngineFactory factory)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((silo, orleans) =>
        {
            orleans.Services.AddSingleton(factory);
            var options = new XllmSiloOptions { Name = silo.SiloName };
            options.Engines.Add(new EngineOptions { Model = "demo" });
            orleans.AddXllmSilo(options);
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private sealed class HeldFactory : IEngineFactory
    {
        public TaskCompletionSource Reached { get; } = new();

        public TaskCompletionSource<Exception?> GoOn { get; } = new();

        public IInferenceEngine Create(
            InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
        {
            progress.Report(0.25);
            Reached.TrySetResult();
            return GoOn.Task.GetAwaiter().GetResult() is { } error
                ? throw error
                : new FakeEngine(instance, epoch, new FakeEngineOptions());
        }
    }
}
