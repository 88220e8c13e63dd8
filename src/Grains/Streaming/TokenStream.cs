namespace XLLM.Grains.Streaming;

/// <summary>One request's place in a pump; guarded by the pump.</summary>
internal sealed class TokenStream(GatewayLane lane)
{
    public GatewayLane Lane { get; } = lane;

    /// <summary>Index of the next output token.</summary>
    public int Next { get; set; }
}
