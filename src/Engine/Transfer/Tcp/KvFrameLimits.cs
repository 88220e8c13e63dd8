namespace XLLM.Engine.Transfer.Tcp;

/// <summary>What frames may come on a connection.</summary>
/// <param name="IsOpening">The handshake is not over: only its frames may come.</param>
/// <param name="ControlBytes">Most bytes of a frame other than data.</param>
/// <param name="DataBytes">Most bytes of a data frame.</param>
internal readonly record struct KvFrameLimits(bool IsOpening, int ControlBytes, int DataBytes)
{
    /// <summary>During the handshake, before the other side has shown anything.</summary>
    public static KvFrameLimits Opening { get; } = new(true, 2048, 0);
}
