using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>A block an instance has now in another tier only.</summary>
[GenerateSerializer, Immutable, Alias("xllm.BlockMove")]
public readonly record struct BlockMove([property: Id(0)] BlockHash Block, [property: Id(1)] BlockTier Tier);
