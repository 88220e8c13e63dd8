using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>The decode side of an instance: it owns the room a request's KV will live in.</summary>
[Alias("xllm.IDecodeGrain")]
public interface IDecodeGrain : IGrainWithStringKey
{
    /// <summary>Reserves room for the request, or says why not.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("Reserve")]
    Task<LeaseResult> ReserveAsync(InferenceRequest request);

    /// <summary>
    /// Takes a request whose prompt another instance computes (<see cref="InferenceRequest.KvFrom"/>): it starts here when the KV
    /// has come, or when it does not come in time, and then computes what is missing. Chunks go to <paramref name="gateway"/>.
    /// Errors end as a rejection.
    /// </summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("Decode")]
    Task<SubmitResult> DecodeAsync(InferenceRequest request, KvLease lease, ITokenStreamObserver gateway);

    /// <summary>
    /// Gives a lease back, or withdraws a start whose answer was lost: the run ends and nothing more of it is told to the
    /// gateway. No effect when both are gone; runs newer than <paramref name="run"/> go on.
    /// </summary>
    [AlwaysInterleave]
    [Alias("Release")]
    Task ReleaseAsync(RequestId request, long lease, int run);
}
