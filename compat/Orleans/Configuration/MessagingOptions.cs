namespace Orleans.Configuration;

/// <summary>How calls wait and how large messages may be.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests whose caller has given up are not started.</summary>
    public bool DropExpiredMessages { get; set; } = true;

    /// <summary>A timed-out request with a cancellation token is cancelled.</summary>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>A cancelled caller waits until the callee has ended.</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }

    /// <summary>Bytes; a larger message is refused.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
}
