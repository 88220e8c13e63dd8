using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>
/// Requests that are samples of one prompt (<c>n</c> > 1): same prompt, salt and limits, each with its seed. An engine computes
/// the prompt once for those it has and lets them share its KV until they write. <c>Count</c> is the number of samples.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.SampleGroup")]
public readonly record struct SampleGroup([property: Id(0)] string Id, [property: Id(1)] int Count);
