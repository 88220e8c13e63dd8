namespace Orleans.Runtime;

/// <summary>A call whose answer has not come.</summary>
internal abstract class PendingCall(MethodDescriptor method, GrainId target, TimeSpan timeout)
{
    public long Id { get; set; }

    public MethodDescriptor Method => method;

    public GrainId Target => target;

    public TimeSpan Timeout => timeout;

    public long Expiry { get; } = Environment.TickCount64 + (long)timeout.TotalMilliseconds;

    /// <summary>Where the request was last sent; null while it is being addressed.</summary>
    public SiloAddress? TargetSilo { get; set; }

    /// <summary>Undone when the call ends.</summary>
    public CancellationTokenRegistration Cancellation { get; set; }

    public abstract void SetResult(object? result);

    public abstract void SetError(Exception error);
}
