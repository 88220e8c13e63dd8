using Orleans;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Kv;

/// <summary>A lease, or why there is none (<c>RejectedCapacity</c>, <c>RejectedTooLong</c>, <c>NoInstance</c>).</summary>
[GenerateSerializer, Immutable, Alias("xllm.LeaseResult")]
public sealed record LeaseResult
{
    [Id(0)] public KvLease? Lease { get; init; }

    [Id(1)] public RequestOutcome Refusal { get; init; }

    [Id(2)] public string? Message { get; init; }

    /// <summary>When to try again, for capacity refusals.</summary>
    [Id(3)] public TimeSpan? RetryAfter { get; init; }
}
