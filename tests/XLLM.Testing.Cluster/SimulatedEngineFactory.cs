using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;

namespace XLLM.Testing.Cluster;

/// <summary>Makes real engine loops over a simulated model: real batching, blocks and sampling, no weights.</summary>
public sealed class SimulatedEngineFactory(SimulatedModelOptions model) : IEngineFactory
{
    /// <summary>Waited for before every step, on the engine's thread; may throw, as a device that fails does.</summary>
    public Func<InstanceId, StepInput, Task> OnStep { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Waited for by every reserve; may throw.</summary>
    public Func<InstanceId, Task> OnReserve { get; set; } = _ => Task.CompletedTask;

    public IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var runner = new SimulatedModelRunner(model, step => OnStep(instance, step).GetAwaiter().GetResult());
        return new HeldEngine(
            EngineLoop.Start(instance, epoch, runner, new EngineLoopOptions(), TimeProvider.System, NullLogger.Instance),
            () => OnReserve(instance));
    }
}
