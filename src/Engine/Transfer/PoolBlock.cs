namespace XLLM.Engine.Transfer;

/// <summary>A block named for both sides of an exchange: its place in the giver's or in the receiver's memory.</summary>
internal readonly record struct PoolBlock(bool IsReceivers, int Index)
{
    public long Pack() => ((IsReceivers ? 1L : 0) << 32) | (uint)Index;

    public static PoolBlock Unpack(long packed) => new((packed >> 32) != 0, (int)(packed & int.MaxValue));
}
