using System.Collections.Immutable;
using XLLM.Contracts.Ports;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Loop;

/// <summary>Something to be done with KV blocks by the engine's thread. Exactly one of the answers is given, where there is one.</summary>
internal sealed class KvOrder(KvOrderKind kind)
{
    public KvOrderKind Kind => kind;

    public KvChain? Chain { get; init; }

    public KvHold? Hold { get; init; }

    public KvPrefill? Prefill { get; init; }

    /// <summary>Blocks to allocate, or the place of the first one to store, or the first id of those that leave.</summary>
    public int Number { get; init; }

    /// <summary>How many ids of those that leave.</summary>
    public int Count { get; init; }

    /// <summary>Which blocks may be taken; null = any.</summary>
    public Func<int, bool>? Fits { get; init; }

    /// <summary>Ids that are this pool's from now on, or as soon as there is a block to leave for each.</summary>
    public ImmutableArray<int> Received { get; init; } = [];

    public TaskCompletionSource<(KvHold, KvHold)>? Divided { get; init; }

    /// <summary>Blocks that came back now, and how many are still to leave.</summary>
    public TaskCompletionSource<(int Returned, int Left)>? Returned { get; init; }

    public CancellationToken Cancellation { get; init; }

    public TaskCompletionSource<KvHold>? Held { get; init; }

    public TaskCompletionSource<BlockEventBatch>? Listed { get; init; }
}
