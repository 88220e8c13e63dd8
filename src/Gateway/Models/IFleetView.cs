using XLLM.Contracts.Fleet;

namespace XLLM.Gateway.Models;

/// <summary>The fleet as the gateway knows it. Any thread.</summary>
internal interface IFleetView
{
    /// <summary>A snapshot that is not older than the options allow, or the last one known when the fleet does not answer.</summary>
    ValueTask<FleetSnapshot> GetAsync();
}
