using System.Collections.Immutable;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>Blocks for others than sequences; see docs/mechanisms/kv-transfer.md for why an allocation may have to wait.</summary>
internal sealed partial class EngineTurn
{
    private readonly List<(long Fence, KvHold Hold, KvOrder Order)> _fenced = [];
    private readonly List<(long Fence, KvHold Shared, KvHold Exclusive, KvOrder Order)> _divided = [];

    /// <summary>Nobody but sequences holds blocks.</summary>
    public bool HoldsNothing => _held.IsEmpty;

    /// <summary>Called with the events of a list, which say all that was to be said.</summary>
    public Action? OnListed { get; set; }

    public void CarryOut(KvOrder order)
    {
        if (order.Cancellation.IsCancellationRequested)
        {
            order.Held?.TrySetCanceled(order.Cancellation);
            order.Listed?.TrySetCanceled(order.Cancellation);
            return;
        }

        switch (order.Kind)
        {
            case KvOrderKind.Hold:
                order.Held!.SetResult(_held.Hold(order.Chain!));
                break;
            case KvOrderKind.Allocate:
                _fenced.Add((Fence(), _held.Allocate(order.Number, order.Fits), order));
                AnswerFenced(isClosed: false);
                break;
            case KvOrderKind.Store or KvOrderKind.Divide or KvOrderKind.Exchange or KvOrderKind.Return:
                Change(order);
                break;
            case KvOrderKind.Release:
                _held.Release(order.Hold!);
                break;
            case KvOrderKind.List:
                ImmutableArray<BlockEvent> events = _pool.List();
                OnListed?.Invoke();
                order.Listed!.SetResult(new BlockEventBatch(events));
                break;
            case KvOrderKind.EndPrefill:
                _watch.Forget(order.Prefill!);
                _held.Remove(order.Prefill!.Held);
                break;
        }

        _metrics.Held(_held.Count);
    }

    /// <summary>
    /// Hands out allocated blocks that no step and no copy still to be made can touch any more. <paramref name="isClosed"/>: there
    /// will be no more steps, and nobody gets any.
    /// </summary>
    public void AnswerFenced(bool isClosed)
    {
        if (_fenced.Count + _divided.Count == 0)
        {
            return;
        }

        if (_running is null && _queued is null && !isClosed)
        {
            _memory.RunCarried();
        }

        for (int i = _divided.Count - 1; i >= 0; i--)
        {
            (long passing, KvHold shared, KvHold exclusive, KvOrder divide) = _divided[i];
            if (isClosed || HasPassed(passing))
            {
                _divided.RemoveAt(i);
                divide.Divided!.SetResult((shared, exclusive));
            }
        }

        for (int i = _fenced.Count - 1; i >= 0; i--)
        {
            (long fence, KvHold hold, KvOrder order) = _fenced[i];
            if (!isClosed && !HasPassed(fence))
            {
                continue;
            }

            _fenced.RemoveAt(i);
            if (isClosed || order.Cancellation.IsCancellationRequested)
            {
                _held.Release(hold);
                _ = isClosed ? order.Held!.TrySetResult(KvHold.Empty) : order.Held!.TrySetCanceled(order.Cancellation);
            }
            else
            {
                order.Held!.SetResult(hold);
            }
        }
    }

    private void Change(KvOrder order)
    {
        try
        {
            switch (order.Kind)
            {
                case KvOrderKind.Store:
                    KvHold stored = _held.Store(order.Hold!, order.Chain!, order.Number);
                    _metrics.Stored(order.Hold!.Blocks.Length);
                    order.Held!.SetResult(stored);
                    break;
                case KvOrderKind.Divide:
                    (KvHold shared, KvHold exclusive) = _held.Divide(order.Hold!, order.Fits!);
                    _divided.Add((Fence(), shared, exclusive, order));
                    AnswerFenced(isClosed: false);
                    break;
                case KvOrderKind.Return:
                    long before = _pool.Returned;
                    int left = _pool.Return(order.Received.AsSpan(), order.Number, order.Count);
                    order.Returned!.SetResult(((int)(_pool.Returned - before), left));
                    break;
                default:
                    KvHold gained = _held.Exchange(order.Hold!, order.Received);
                    _metrics.Exchanged(order.Received.Length);
                    order.Held!.SetResult(gained);
                    break;
            }
        }
        catch (InvalidOperationException error)
        {
            order.Held?.SetException(error);
            order.Divided?.SetException(error);
            order.Returned?.SetException(error);
        }
    }

    /// <summary>All steps built so far, and all copies ordered, are before this.</summary>
    private long Fence() => _tickets;

    private bool HasPassed(long fence) =>
        !(_running?.Ticket <= fence) && !(_queued?.Ticket <= fence) && !_memory.OwesCopies;

    /// <summary>The frame carries out copies that were ordered for earlier ones: what waits for those waits for it.</summary>
    private void RaiseFences(long ticket)
    {
        for (int i = 0; i < _fenced.Count; i++)
        {
            _fenced[i] = _fenced[i] with { Fence = Math.Max(_fenced[i].Fence, ticket) };
        }

        for (int i = 0; i < _divided.Count; i++)
        {
            _divided[i] = _divided[i] with { Fence = Math.Max(_divided[i].Fence, ticket) };
        }
    }
}
