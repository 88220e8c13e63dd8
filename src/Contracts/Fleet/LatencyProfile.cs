using System.Collections.Immutable;

namespace XLLM.Contracts.Fleet;

/// <summary>Measured latencies of an instance: taken at its start, or since its last report. Predictors are fitted to them.</summary>
[GenerateSerializer, Immutable, Alias("xllm.LatencyProfile")]
public sealed record LatencyProfile
{
    public static LatencyProfile Empty { get; } = new();

    [Id(0)] public ImmutableArray<PrefillSample> Prefill { get; init; } = [];

    [Id(1)] public ImmutableArray<DecodeSample> Decode { get; init; } = [];
}
