using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Leases;

namespace XLLM.Engine.Loop;

/// <summary>
/// The engine's side door for other threads: leases, the requests alive, and how many places of the queue are taken. Answers
/// at once, under a lock that is never held during a step.
/// </summary>
internal sealed class EngineIntake(InstanceDescriptor descriptor, EngineLoopOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, EngineRequest> _alive = [];
    private readonly LeaseTable _leases = new(descriptor.Id, descriptor.Epoch, options.LeaseTime, time);
    private string? _closed;
    private int _queued;
    private bool _shut;

    /// <summary>Places of the queue that are taken: leases, and requests that have never been in a batch.</summary>
    public int Queued
    {
        get
        {
            lock (_lock)
            {
                Expire();
                return _queued;
            }
        }
    }

    public int Alive
    {
        get
        {
            lock (_lock)
            {
                return _alive.Count;
            }
        }
    }

    /// <summary>Refuses everything new from now on; the first reason stays.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
        }
    }

    public LeaseResult Reserve(InferenceRequest request)
    {
        (RequestOutcome refusal, string message) = RequestCheck.Check(request, descriptor);
        if (refusal != RequestOutcome.None)
        {
            return Refuse(refusal, message);
        }

        lock (_lock)
        {
            Expire();
            if (_closed is not null)
            {
                return Refuse(RequestOutcome.NoInstance, $"{descriptor.Id} takes nothing new: {_closed}.");
            }

            if (_alive.ContainsKey(request.Id))
            {
                // Its owner did not hear that it had started, and has withdrawn it: it will have ended when it is asked for again.
                return Refuse(RequestOutcome.NoInstance, $"{request.Id} runs on {descriptor.Id} still.");
            }

            // Who asks again has not heard of the lease it has: the new one takes its place.
            bool again = _leases.Has(request.Id);
            if (!again && _queued >= options.MaxWaiting)
            {
                string full = $"{_queued} requests wait at {descriptor.Id}, which is the limit ({options.MaxWaiting}).";
                return Refuse(RequestOutcome.RejectedCapacity, full) with { RetryAfter = options.RetryAfter };
            }

            _queued += again ? 0 : 1;
            int tokens = request.PromptTokens.Length + request.Resumed.AsSpan().Length;
            int blocks = (tokens + descriptor.BlockTokens - 1) / descriptor.BlockTokens;
            return new LeaseResult { Lease = _leases.Reserve(request.Id, blocks) };
        }
    }

    public void Release(RequestId request, long lease)
    {
        lock (_lock)
        {
            if (_leases.Release(request, lease))
            {
                _queued--;
            }
        }
    }

    /// <summary>Refuses leases too. What is alive afterwards is all there will be.</summary>
    public void Shut(string reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
            _shut = true;
        }
    }

    /// <summary>Makes the request alive on its lease; its place in the queue goes over to it.</summary>
    public bool TryStart(EngineRequest request, KvLease lease)
    {
        lock (_lock)
        {
            if (_shut || !_leases.TryCommit(request.Request.Id, lease))
            {
                return false;
            }

            _alive.Add(request.Request.Id, request);
            return true;
        }
    }

    /// <summary>Makes a prompt alive that is computed for another engine. False = it is here already, or nothing new is taken.</summary>
    public bool TryStartPrefill(EngineRequest request)
    {
        lock (_lock)
        {
            Expire();
            if (_closed is not null || _queued >= options.MaxWaiting || _leases.Has(request.Request.Id)
                || !_alive.TryAdd(request.Request.Id, request))
            {
                return false;
            }

            _queued++;
            return true;
        }
    }

    public EngineRequest? Find(RequestId request)
    {
        lock (_lock)
        {
            return _alive.GetValueOrDefault(request);
        }
    }

    /// <summary>The request joined a batch for the first time: its place in the queue is free.</summary>
    public void LeaveQueue()
    {
        lock (_lock)
        {
            _queued--;
        }
    }

    /// <summary>The request has its outcome.</summary>
    public void Finish(EngineRequest request, bool wasQueued)
    {
        lock (_lock)
        {
            _alive.Remove(request.Request.Id);
            _queued -= wasQueued ? 1 : 0;
        }
    }

    /// <summary>All requests alive, as a copy.</summary>
    public EngineRequest[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _alive.Values];
        }
    }

    public IReadOnlyList<string> CheckIntegrity()
    {
        lock (_lock)
        {
            List<string> faults = [.. _leases.CheckIntegrity()];
            int expected = _leases.Count + _alive.Values.Count(request => !request.Admitted);
            if (expected != _queued)
            {
                faults.Add($"{_queued} places of the queue are taken, {expected} requests and leases have one");
            }

            return faults;
        }
    }

    private static LeaseResult Refuse(RequestOutcome outcome, string message) => new() { Refusal = outcome, Message = message };

    private void Expire() => _queued -= _leases.Expire();
}
