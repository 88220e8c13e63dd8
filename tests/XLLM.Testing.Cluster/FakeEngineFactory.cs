using System.Collections.Concurrent;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;
using XLLM.Testing.Engines;

namespace XLLM.Testing.Cluster;

/// <summary>Makes fake engines and keeps them, so that a test can script them.</summary>
public sealed class FakeEngineFactory(Func<InstanceId, FakeEngineOptions> optionsOf) : IEngineFactory
{
    private readonly ConcurrentDictionary<InstanceId, FakeEngine> _engines = new();

    /// <summary>The engine made last for the instance.</summary>
    public FakeEngine this[InstanceId instance] => _engines[instance];

    public IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        progress.Report(0.5);
        return _engines[instance] = new FakeEngine(instance, epoch, optionsOf(instance));
    }
}
