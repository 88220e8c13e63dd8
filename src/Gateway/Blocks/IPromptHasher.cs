using System.Collections.Immutable;
using XLLM.Contracts.Ids;

namespace XLLM.Gateway.Blocks;

/// <summary>Chained hashes of a prompt's full blocks. Any thread.</summary>
internal interface IPromptHasher
{
    ImmutableArray<BlockHash> Hash(ImmutableArray<int> prompt, int blockTokens, string cacheSalt);
}
