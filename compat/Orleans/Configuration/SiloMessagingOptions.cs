namespace Orleans.Configuration;

/// <summary>Messaging of silos.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How often a request may be sent on because its activation is elsewhere.</summary>
    public int MaxForwardCount { get; set; } = 2;

    /// <summary>Most waiting requests of an activation; 0 = no limit.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}
