using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Makes engines. Replaced in tests by one that simulates them.</summary>
public interface IEngineFactory
{
    /// <summary>
    /// Loads the model and starts its engine; called on a thread of its own, which it may keep busy for minutes. Throws with a
    /// message for the user when the model cannot be served.
    /// </summary>
    /// <param name="instance">Identity of the instance.</param>
    /// <param name="epoch">Its epoch, larger than that of any engine made for this identity before.</param>
    /// <param name="options">Checked.</param>
    /// <param name="progress">Takes the share that is done, [0, 1].</param>
    /// <param name="cancellationToken">Cancelled when the silo stops.</param>
    IInferenceEngine Create(
        InstanceId instance, long epoch, EngineOptions options, IProgress<double> progress, CancellationToken cancellationToken);
}
