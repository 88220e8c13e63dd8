using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Loop;

/// <summary>Requests whose KV comes from elsewhere or goes elsewhere.</summary>
public sealed partial class EngineLoop
{
    public ValueTask<BlockEventBatch> ListBlocksAsync(CancellationToken cancellationToken = default) =>
        _store?.ListAsync(cancellationToken) ?? ValueTask.FromResult(BlockEventBatch.Empty);

    public ValueTask<bool> StartParkedAsync(
        InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(TryStart(request, lease, isParked: true));

    public void Unpark(RequestId request, int cachedTokens = int.MaxValue)
    {
        if (_intake.Find(request) is { } found && found.Unpark(cachedTokens))
        {
            PostWish(found);
        }
    }

    public ValueTask<IKvPrefill?> PrefillAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult<IKvPrefill?>(TryPrefill(request));
    }

    private bool TryStart(InferenceRequest request, KvLease lease, bool isParked)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(lease);
        if (RequestCheck.Check(request, Descriptor).Outcome != RequestOutcome.None || !KeepsStructureOf(request))
        {
            return false;
        }

        EngineRequest started = new(request, _hasher, Descriptor.Model.EmbeddingSize)
        {
            IsParked = isParked, Guide = GuideOf(request),
        };
        if (!_intake.TryStart(started, lease))
        {
            return false;
        }

        PostStart(started);
        return true;
    }

    private KvPrefill? TryPrefill(InferenceRequest request)
    {
        if (_hasher is null || Blocks is null || RequestCheck.Check(request, Descriptor).Outcome != RequestOutcome.None)
        {
            return null;
        }

        int[] tokens = [.. request.PromptTokens, .. request.Resumed.AsSpan()];
        int blocks = tokens.Length / Descriptor.BlockTokens;
        if (blocks == 0)
        {
            return null;
        }

        // What a sampling request would also want is left out: only the KV of its full blocks is computed.
        InferenceRequest prompt = request with
        {
            PromptTokens = [.. tokens.AsSpan(0, blocks * Descriptor.BlockTokens)],
            BlockHashes = _hasher.HashPrompt(tokens, request.CacheSalt),
            Resumed = [],
            Sampling = SamplingOptions.Greedy,
            Stop = new StopOptions { MaxTokens = 1 },
            Logprobs = LogprobOptions.None,
            Group = null,
            Structure = null,
            KvFrom = null,
            Pooling = PoolingKind.None,
        };
        KvPrefill prefill = new(request.Id, blocks, _runner.Kv!.Layout.Layers, EndPrefill);
        EngineRequest started = new(prompt, _hasher, 0) { Prefill = prefill, SamplesNothing = true };
        if (!_intake.TryStartPrefill(started))
        {
            return null;
        }

        PostStart(started);
        return prefill;
    }

    private void EndPrefill(KvPrefill prefill)
    {
        if (_intake.Find(prefill.Request) is { } started && ReferenceEquals(started.Prefill, prefill))
        {
            started.WishEnd(RequestOutcome.Cancelled);
            PostWish(started);
        }

        _store!.End(prefill);
    }

    private void PostStart(EngineRequest started)
    {
        Interlocked.Add(ref _unseenTokens, started.Count);
        Post(new EngineCommand(EngineCommandKind.Start, started));
    }

    /// <summary>The list of blocks says all that the events before it say.</summary>
    private void ForgetEvents()
    {
        lock (_eventLock)
        {
            _turn.Events.Clear();
            _events.Clear();
        }
    }

    /// <summary>Transports may still read and write blocks they hold: the memory stays until they have released them.</summary>
    private void FreeRunner()
    {
        if (_store is null)
        {
            _runner.Dispose();
        }
        else
        {
            _store.WhenUnused(_runner.Dispose);
        }
    }
}
