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

    /// <summary>Blocks to allocate, or the place of the first one to store.</summary>
    public int Number { get; init; }

    /// <summary>Which blocks may be taken; null = any.</summary>
    public Func<int, bool>? Fits { get; init; }

    /// <summary>Ids that are this pool's from now on.</summary>
    public ImmutableArray<int> Received { get; init; } = [];

    public TaskCompletionSource<(KvHold, KvHold)>? Divided { get; init; }

    public CancellationToken Cancellation { get; init; }

    public TaskCompletionSource<KvHold>? Held { get; init; }

    public TaskCompletionSource<BlockEventBatch>? Listed { get; init; }
}
