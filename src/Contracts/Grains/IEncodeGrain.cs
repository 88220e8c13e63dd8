using Orleans;
using Orleans.Concurrency;

namespace XLLM.Contracts.Grains;

/// <summary>The encode side of an instance: pictures to embeddings.</summary>
[Alias("xllm.IEncodeGrain")]
public interface IEncodeGrain : IGrainWithStringKey
{
    /// <summary>Null when the instance can encode; else why it cannot.</summary>
    [AlwaysInterleave]
    [Alias("WhyUnavailable")]
    Task<string?> WhyUnavailableAsync();
}
