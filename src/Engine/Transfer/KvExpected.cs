using XLLM.Contracts.Requests;

namespace XLLM.Engine.Transfer;

/// <summary>KV that was promised to an engine for a leased request, until it has come or is not wanted any more. Any thread.</summary>
public sealed class KvExpected : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly TaskCompletionSource<KvArrival> _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isOver;

    public KvExpected(InferenceRequest request, KvChain chain, DateTimeOffset expiry)
    {
        Request = request;
        Chain = chain;
        Expiry = expiry;
        Cancelled = _cancelled.Token;
    }

    public InferenceRequest Request { get; }

    /// <summary>Full blocks of the request's prompt, and of what it resumes.</summary>
    public KvChain Chain { get; }

    /// <summary>When the lease ends, if it is not used.</summary>
    public DateTimeOffset Expiry { get; }

    /// <summary>Completes when a push has begun, or none will.</summary>
    public Task Begun => _begun.Task;

    /// <summary>The request has been started: the lease does not expire any more.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The end of its push. Who reads it releases what it holds.</summary>
    public Task<KvArrival> Arrived => _arrived.Task;

    /// <summary>It is not wanted any more: the push ends soon.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>True for the first push.</summary>
    public bool TryBegin() => Volatile.Read(ref _isOver) == 0 && _begun.TrySetResult();

    /// <summary>The push has ended. False = nobody waits: the caller releases what it holds.</summary>
    public bool TryComplete(KvArrival arrival) => _arrived.TrySetResult(arrival);

    /// <summary>Nobody waits for it from now on. What has come already is in <see cref="Arrived"/>.</summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _begun.TrySetResult();
            _arrived.TrySetResult(new KvArrival(KvHold.Empty, 0, KvFault.Cancelled));
            _cancelled.Cancel();
        }
    }

    public void Dispose()
    {
        Cancel();
        _cancelled.Dispose();
    }
}
