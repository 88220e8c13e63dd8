using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Contracts.Requests;

/// <summary>
/// A request that is known to be right: tokens in the vocabulary, limits in range, prompt and output inside the context. Made
/// by the gateway, which is the only room that sees JSON.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.InferenceRequest")]
public sealed record InferenceRequest
{
    [Id(0)] public required RequestId Id { get; init; }

    /// <summary>Name the model is served under.</summary>
    [Id(1)] public required string Model { get; init; }

    /// <summary>At least one token.</summary>
    [Id(2)] public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>Hash of every full block of the prompt, in order; empty when the prefix cache may not be used.</summary>
    [Id(3)] public ImmutableArray<BlockHash> BlockHashes { get; init; } = [];

    [Id(4)] public SamplingOptions Sampling { get; init; } = new();

    [Id(5)] public StopOptions Stop { get; init; } = new();

    [Id(6)] public LogprobOptions Logprobs { get; init; } = LogprobOptions.None;

    [Id(7)] public RequestPriority Priority { get; init; }

    /// <summary>When the gateway took the request.</summary>
    [Id(8)] public DateTimeOffset Arrival { get; init; }

    /// <summary>Latest moment to leave the waiting queue; null = no limit.</summary>
    [Id(9)] public DateTimeOffset? QueueDeadline { get; init; }

    /// <summary>Keeps the prefix cache of tenants apart: part of every block hash. Empty = shared.</summary>
    [Id(10)] public string CacheSalt { get; init; } = "";

    /// <summary>The other samples of the same prompt, when there are any; null = none.</summary>
    [Id(11)] public SampleGroup? Group { get; init; }

    /// <summary>Number of the run, from 0: it grows when the request goes on elsewhere after its instance was lost or drained.</summary>
    [Id(12)] public int Run { get; init; }

    /// <summary>Output tokens of earlier runs that the gateway has. The engine takes them as generated and goes on after them.</summary>
    [Id(13)] public ImmutableArray<int> Resumed { get; init; } = [];

    /// <summary>Where KV it can begin with is; null = only what the instance itself has.</summary>
    [Id(14)] public KvSource? KvFrom { get; init; }

    [Id(15)] public RequestSlo Slo { get; init; } = RequestSlo.None;

    /// <summary>W3C trace context of the caller; empty = none.</summary>
    [Id(16)] public string TraceParent { get; init; } = "";

    /// <summary>
    /// The prompt's pooled hidden state is wanted and nothing is sampled; None = it generates. Without hashes unless it is of the
    /// last token alone: every pooled token has to be computed.
    /// </summary>
    [Id(17)] public PoolingKind Pooling { get; init; }

    /// <summary>The form its output must have; null = any. An engine without the model's vocabulary refuses it.</summary>
    [Id(18)] public OutputStructure? Structure { get; init; }

    /// <summary>Bounds its thoughts; null = not bounded. Comes with a <see cref="Structure"/> that begins with the thoughts.</summary>
    [Id(19)] public ThinkingBudget? Thinking { get; init; }
}
