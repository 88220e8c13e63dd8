using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;

namespace XLLM.Testing.Cluster;

/// <summary>Makes real engine loops over a simulated model: real batching, blocks and sampling, no weights.</summary>
public sealed class SimulatedEngineFactory(SimulatedModelOptions model) : IEngineFactory
{
    public IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken) =>
        EngineLoop.Start(
            instance, epoch, new SimulatedModelRunner(model), new EngineLoopOptions(), TimeProvider.System, NullLogger.Instance);
}
