using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Fleet;

/// <summary>Measured load of an instance at one moment; also its heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("xllm.LoadReport")]
public sealed record LoadReport
{
    [Id(0)] public required InstanceId Instance { get; init; }

    [Id(1)] public long Epoch { get; init; }

    /// <summary>Grows with each report; an older one is dropped.</summary>
    [Id(2)] public long Sequence { get; init; }

    [Id(3)] public int Running { get; init; }

    [Id(4)] public int Waiting { get; init; }

    /// <summary>Blocks that can be had at once: free, or cached and unused.</summary>
    [Id(5)] public int FreeBlocks { get; init; }

    [Id(6)] public int TotalBlocks { get; init; }

    /// <summary>Prompt tokens admitted or waiting that are not computed yet.</summary>
    [Id(7)] public long PendingPrefillTokens { get; init; }

    [Id(8)] public long Steps { get; init; }

    [Id(9)] public long PromptTokens { get; init; }

    [Id(10)] public long GeneratedTokens { get; init; }

    [Id(11)] public long PrefixQueryTokens { get; init; }

    [Id(12)] public long PrefixHitTokens { get; init; }

    [Id(13)] public long Preemptions { get; init; }

    /// <summary>The engine's thread has ended because of an error; the instance takes nothing more.</summary>
    [Id(14)] public string? Fault { get; init; }

    /// <summary>Drafts that speculative decoding verified.</summary>
    [Id(15)] public long SpecDrafts { get; init; }

    /// <summary>Their tokens.</summary>
    [Id(16)] public long SpecDraftTokens { get; init; }

    /// <summary>Those of them that were accepted.</summary>
    [Id(17)] public long SpecAcceptedTokens { get; init; }

    /// <summary>Accepted tokens by their place in the draft.</summary>
    [Id(18)] public ImmutableArray<long> SpecAcceptedByPosition { get; init; } = [];

    /// <summary>Requests in the batch that still compute their prompt.</summary>
    [Id(19)] public int Prefilling { get; init; }

    /// <summary>Tokens of KV held by requests in the batch.</summary>
    [Id(20)] public long RunningTokens { get; init; }

    /// <summary>Mean time between two tokens of a request since the last report; NaN = there were none.</summary>
    [Id(21)] public double TokenSeconds { get; init; } = double.NaN;

    /// <summary>Longest time from arrival to first token since the last report; NaN = there was none.</summary>
    [Id(22)] public double MaxTtftSeconds { get; init; } = double.NaN;

    /// <summary>Latencies measured since the last report, a few at most.</summary>
    [Id(23)] public LatencyProfile Recent { get; init; } = LatencyProfile.Empty;

    /// <summary>Blocks kept in host memory.</summary>
    [Id(24)] public int HostBlocks { get; init; }

    /// <summary>Blocks kept in a file.</summary>
    [Id(25)] public int DiskBlocks { get; init; }
}
