using XLLM.Contracts.Kv;

namespace XLLM.Grains.Fleet;

/// <summary>Asks an instance's host whether its process is there at all.</summary>
internal interface IReachProbe
{
    /// <summary>
    /// True: nothing listens where the instance listened, so its process is gone. False: it is there, or it cannot be told, as with a
    /// host that does not answer.
    /// </summary>
    Task<bool> IsRefusedAsync(KvEndpoint endpoint, TimeSpan limit);
}
