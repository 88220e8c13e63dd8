using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tests.Loop;

/// <summary>What a transport does with an engine's blocks, in one process.</summary>
internal static class KvPort
{
    public static KvChain Chain(IKvBlockStore store, ReadOnlySpan<int> tokens, string salt = "") =>
        new(new BlockHasher(store.Layout.BlockTokens).HashPrompt(tokens, salt), [.. tokens], salt);

    public static KvChain Chain(IKvBlockStore store, InferenceRequest request) =>
        Chain(store, [.. request.PromptTokens, .. request.Resumed], request.CacheSalt);

    public static void Copy(IKvBlockStore from, int source, IKvBlockStore to, int target) =>
        Bytes(from, source).CopyTo(Bytes(to, target));

    public static unsafe Span<byte> Bytes(IKvBlockStore store, int block) =>
        new((void*)store.AddressOf(block), (int)store.Layout.BlockBytes);

    /// <summary>Takes the blocks of the chain that one engine has over into another; returns how many that has then.</summary>
    public static async Task<int> MoveAsync(EngineLoop from, EngineLoop to, KvChain chain)
    {
        IKvBlockStore source = from.Blocks!;
        IKvBlockStore target = to.Blocks!;
        KvHold read = await source.HoldAsync(chain);
        KvHold filled = await target.AllocateAsync(read.Blocks.Length);
        for (int i = 0; i < filled.Blocks.Length; i++)
        {
            Copy(source, read.Blocks[i], target, filled.Blocks[i]);
        }

        source.Release(read);
        KvHold stored = await target.StoreAsync(filled, chain, 0);
        target.Release(stored);
        return stored.Blocks.Length;
    }
}
