using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>The prefill side of an instance.</summary>
[Alias("xllm.IPrefillGrain")]
public interface IPrefillGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the request for computing its prompt into the leased room. When the lease is this instance's own (a Mixed plan)
    /// decoding follows without a transfer; else the blocks are pushed to the lease's endpoint as they are computed, and nothing is
    /// sampled here. Chunks go to <paramref name="gateway"/>. Errors end as a rejection.
    /// </summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("Prefill")]
    Task<SubmitResult> PrefillAsync(InferenceRequest request, KvLease lease, ITokenStreamObserver gateway);
}
