using System.Collections.Immutable;
using XLLM.Contracts.Ids;

namespace XLLM.Gateway.Blocks;

/// <summary>Gives no hashes: prompts then do not use the prefix cache.</summary>
internal sealed class NoPromptHasher : IPromptHasher
{
    public ImmutableArray<BlockHash> Hash(ImmutableArray<int> prompt, int blockTokens, string cacheSalt) => [];
}
