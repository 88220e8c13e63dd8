using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Requests;

/// <summary>One run of a request of this silo, and the epoch of the instance it is on.</summary>
/// <param name="Request">The request, as it was submitted.</param>
/// <param name="Run">Its run.</param>
/// <param name="Instance">Where it decodes.</param>
/// <param name="Epoch">Epoch of that instance.</param>
internal sealed record WatchedRun(InferenceRequest Request, int Run, InstanceId Instance, long Epoch);
