using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Routing;

/// <summary>What a router needs to know of a request.</summary>
[GenerateSerializer, Immutable, Alias("xllm.RouteRequest")]
public sealed record RouteRequest
{
    [Id(0)] public required RequestId Request { get; init; }

    [Id(1)] public required string Model { get; init; }

    [Id(2)] public int PromptTokens { get; init; }

    [Id(3)] public ImmutableArray<BlockHash> BlockHashes { get; init; } = [];

    [Id(4)] public RequestPriority Priority { get; init; }

    /// <summary>Instances that refused or failed this request before.</summary>
    [Id(5)] public ImmutableArray<InstanceId> Excluded { get; init; } = [];

    [Id(6)] public RequestSlo Slo { get; init; } = RequestSlo.None;

    /// <summary>Output tokens of earlier runs, part of the chain of blocks.</summary>
    [Id(7)] public int ResumedTokens { get; init; }

    /// <summary>Its samples, which belong on one instance; null = it has none beside it.</summary>
    [Id(8)] public SampleGroup? Group { get; init; }

    /// <summary>Most tokens it may still generate.</summary>
    [Id(9)] public int MaxTokens { get; init; }
}
