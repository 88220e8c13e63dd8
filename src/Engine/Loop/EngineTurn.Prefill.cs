using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>Prompts computed for other engines, and requests that wait for the KV of theirs.</summary>
internal sealed partial class EngineTurn
{
    private readonly List<EngineRequest> _parked = [];

    /// <summary>A prompt all of which the cache has needs no step.</summary>
    private bool TryPrefillFromCache(EngineRequest request)
    {
        if (request.Prefill is not { } prefill)
        {
            return false;
        }

        _held.Add(prefill.Held);
        _planner.ShareCached(request, prefill.Held, prefill.Blocks);
        if (prefill.Held.Count == 0)
        {
            return false;
        }

        prefill.TellAll(isFound: true);
        End(request, RequestOutcome.CompletedLength);
        return true;
    }

    /// <summary>Blocks it found at its admission.</summary>
    private void TellFound(EngineRequest request)
    {
        if (request.Prefill is { } prefill && request.Computed > prefill.Held.Count * _pool.BlockTokens)
        {
            HoldUpTo(prefill, request, request.Computed);
            prefill.TellAll(isFound: true);
        }
    }

    /// <summary>The frame computes a part of it from now on: the blocks it completes are told of layer by layer.</summary>
    private void WatchPrefill(EngineRequest request, StepFrame frame, StepPart part)
    {
        if (request is { Prefill: { } prefill, Stage: SequenceStage.Running })
        {
            HoldUpTo(prefill, request, part.Start + part.Tokens);
            if (_layers > 1 && prefill.Held.Count > prefill.Told)
            {
                _watch.Watch(frame, prefill);
            }
        }
    }

    /// <summary>
    /// A part was computed, and with it all that is held; it may have been pre-empted meanwhile. Ends the run with its last token.
    /// </summary>
    private void TellComputed(EngineRequest request)
    {
        if (request.Prefill is { } prefill && !request.IsFinished)
        {
            prefill.TellAll();
            if (prefill.Told == prefill.Blocks)
            {
                End(request, RequestOutcome.CompletedLength);
            }
        }
    }

    /// <summary>
    /// What the part was to compute was not, and may be computed in other blocks next time. Nothing can be taken back that was told.
    /// </summary>
    private void LetGoUncomputed(EngineRequest request)
    {
        if (request.Prefill is not { } prefill)
        {
            return;
        }

        if (prefill.LayersTold > 0)
        {
            End(request, RequestOutcome.EngineFailed, error: "A step failed after some of its layers had been passed on.");
            return;
        }

        for (int last = prefill.Held.Count - 1; last >= prefill.Told; last--)
        {
            _pool.Release(prefill.Held[last]);
            prefill.Held.RemoveLast();
        }
    }

    private void HoldUpTo(KvPrefill prefill, EngineRequest request, int tokens)
    {
        for (int i = prefill.Held.Count; i < tokens / _pool.BlockTokens; i++)
        {
            _pool.Retain(request.Table[i]);
            prefill.Held.Add(request.Table[i]);
        }
    }

    private void Park(EngineRequest request)
    {
        if (request.IsParked)
        {
            request.ParkedUntil = _time.GetUtcNow() + _options.ParkTime;
            _parked.Add(request);
        }
    }

    /// <summary>Requests that have waited for KV as long as they may go on without it. True when there were any.</summary>
    private bool UnparkOverdue()
    {
        bool any = false;
        for (int i = _parked.Count - 1; i >= 0; i--)
        {
            EngineRequest request = _parked[i];
            if (request.IsParked && request.ParkedUntil <= _time.GetUtcNow())
            {
                request.Unpark();
                _metrics.UnparkedLate();
            }

            if (!request.IsParked)
            {
                request.KvSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
                _parked.RemoveAt(i);
                Wish(request);
                any = true;
            }
        }

        return any;
    }

    private DateTimeOffset? NextUnparking()
    {
        DateTimeOffset? earliest = null;
        foreach (EngineRequest request in _parked)
        {
            earliest = Earliest(earliest, request.ParkedUntil);
        }

        return earliest;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? two) => one < two || two is null ? one : two;
}
