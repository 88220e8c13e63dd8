using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

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

        ReportHeld(prefill, 0);
        End(request, RequestOutcome.CompletedLength);
        return true;
    }

    /// <summary>Tells of the blocks that can be found now, which it holds from here on; ends the run with the last one.</summary>
    private void ReportPrefill(EngineRequest request)
    {
        if (request.Prefill is not { } prefill || request.IsFinished)
        {
            return;
        }

        int first = prefill.Held.Count;
        for (int i = first; i < request.FoundableBlocks; i++)
        {
            _pool.Retain(request.Table[i]);
            prefill.Held.Add(request.Table[i]);
        }

        ReportHeld(prefill, first);
        if (request.Computed == request.Count)
        {
            End(request, RequestOutcome.CompletedLength);
        }
    }

    private void ReportHeld(KvPrefill prefill, int first)
    {
        if (prefill.Held.Count > first)
        {
            prefill.Report(first, [.. prefill.Held.Blocks.Span[first..]], 0, _layers);
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
