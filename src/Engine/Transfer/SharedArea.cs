namespace XLLM.Engine.Transfer;

/// <summary>What a shared pool's file has behind its blocks: the tags of the blocks, then the pool's exchanges.</summary>
internal static class SharedArea
{
    public static long BytesFor(int blocks, int blockTokens) =>
        checked(TagTable.BytesFor(blocks, blockTokens) + ExchangeTable.Bytes);

    /// <summary>Address of the exchanges, given that of the area.</summary>
    public static nint Exchanges(nint area, int blocks, int blockTokens) =>
        checked(area + (nint)TagTable.BytesFor(blocks, blockTokens));
}
