using System.Collections.Concurrent;
using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Gateway.Blocks;

/// <summary>Hashes prompts as the engines do, with one hasher for each block size in use.</summary>
internal sealed class PromptHasher : IPromptHasher
{
    private readonly ConcurrentDictionary<int, BlockHasher> _hashers = new();

    public ImmutableArray<BlockHash> Hash(ImmutableArray<int> prompt, int blockTokens, string cacheSalt) =>
        _hashers.GetOrAdd(blockTokens, static size => new BlockHasher(size)).HashPrompt(prompt.AsSpan(), cacheSalt);
}
