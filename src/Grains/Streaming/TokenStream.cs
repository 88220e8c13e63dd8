namespace XLLM.Grains.Streaming;

/// <summary>One run's place in a pump; guarded by the pump.</summary>
internal sealed class TokenStream(GatewayLane lane, int run)
{
    public GatewayLane Lane { get; } = lane;

    /// <summary>Number of the run; chunks of others are not its own.</summary>
    public int Run { get; } = run;

    /// <summary>Index of the next output token.</summary>
    public int Next { get; set; }
}
