using XLLM.Contracts.Ids;

namespace XLLM.Grains.Requests;

/// <summary>One run of a request of this silo, and the epoch of the instance it is on.</summary>
/// <param name="Request">The request.</param>
/// <param name="Run">Its run.</param>
/// <param name="Instance">Where it decodes.</param>
/// <param name="Epoch">Epoch of that instance.</param>
/// <param name="Rank">Lower ones are moved first when the instance is lost; equal ones by arrival.</param>
/// <param name="Arrival">When the request came.</param>
internal readonly record struct WatchedRun(
    RequestId Request, int Run, InstanceId Instance, long Epoch, double Rank, DateTimeOffset Arrival);
