using System.Collections.Concurrent;
using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Gateway.Blocks;

/// <summary>Hashes prompts as the engines do, with one hasher for each block size in use.</summary>
internal sealed class PromptHasher(BlockHashKey key) : IPromptHasher
{
    private readonly ConcurrentDictionary<int, BlockHasher> _hashers = new();

    public ImmutableArray<BlockHash> Hash(ImmutableArray<int> prompt, int blockTokens, string cacheSalt) =>
        _hashers.GetOrAdd(blockTokens, static (size, seed) => new BlockHasher(size, seed), key.Seed).HashPrompt(prompt.AsSpan(), cacheSalt);
}
