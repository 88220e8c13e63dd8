using Orleans;

namespace XLLM.Contracts.Ids;

/// <summary>
/// Chained identity of a full KV block: a keyed 128-bit hash over the parent's hash and the block's tokens. Two prompts that
/// agree up to and including a block have the same hash for it.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.BlockHash")]
public readonly record struct BlockHash([property: Id(0)] ulong High, [property: Id(1)] ulong Low)
{
    public override string ToString() => $"{High:x16}{Low:x16}";
}
