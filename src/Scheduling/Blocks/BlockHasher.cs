using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Chained identities of KV blocks: XXH3-128, keyed by a seed, over the parent's hash (16 bytes, high then low word, little
/// endian) followed by the block's tokens (int32 little endian). The first block has no parent unless there is a salt, whose
/// hash then stands for it. Whoever hashes for one cluster must use the same seed and block size. Immutable; any thread.
/// </summary>
public sealed class BlockHasher
{
    /// <summary>Seed used where none is configured; the one xLLM uses.</summary>
    public const ulong DefaultSeed = 1024;

    private const int ParentBytes = 16;

    /// <summary>A hasher for blocks of <paramref name="blockTokens"/> tokens, 1..1024.</summary>
    public BlockHasher(int blockTokens, ulong seed = DefaultSeed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockTokens, 1024);
        BlockTokens = blockTokens;
        Seed = seed;
    }

    /// <summary>Tokens a block holds.</summary>
    public int BlockTokens { get; }

    /// <summary>Key of the hash.</summary>
    public ulong Seed { get; }

    /// <summary>Hashes of every full block of the tokens, in order. A last block that is not full has none.</summary>
    public ImmutableArray<BlockHash> HashPrompt(ReadOnlySpan<int> tokens, string salt = "")
    {
        int blocks = tokens.Length / BlockTokens;
        ImmutableArray<BlockHash>.Builder hashes = ImmutableArray.CreateBuilder<BlockHash>(blocks);
        for (int i = 0; i < blocks; i++)
        {
            ReadOnlySpan<int> block = tokens.Slice(i * BlockTokens, BlockTokens);
            hashes.Add(i == 0 ? First(block, salt) : Next(hashes[i - 1], block));
        }

        return hashes.MoveToImmutable();
    }

    /// <summary>Hash of the first block of a chain. <paramref name="tokens"/> has exactly one block of tokens.</summary>
    public BlockHash First(ReadOnlySpan<int> tokens, string salt = "")
    {
        ArgumentNullException.ThrowIfNull(salt);
        return salt.Length == 0
            ? Hash(null, tokens)
            : Hash(Xxh3.Hash128(Encoding.UTF8.GetBytes(salt), Seed), tokens);
    }

    /// <summary>Hash of a block that follows another. <paramref name="tokens"/> has exactly one block of tokens.</summary>
    public BlockHash Next(BlockHash parent, ReadOnlySpan<int> tokens) => Hash(parent, tokens);

    /// <summary>Stands for the salt where a block's parent is named; zero for the empty one.</summary>
    public static BlockHash SaltHash(string salt)
    {
        ArgumentNullException.ThrowIfNull(salt);
        return salt.Length == 0 ? default : Xxh3.Hash128(Encoding.UTF8.GetBytes(salt), DefaultSeed);
    }

    private BlockHash Hash(BlockHash? parent, ReadOnlySpan<int> tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, BlockTokens);
        Span<byte> bytes = stackalloc byte[ParentBytes + (tokens.Length * sizeof(int))];
        int at = 0;
        if (parent is { } hash)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.High);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], hash.Low);
            at = ParentBytes;
        }

        foreach (int token in tokens)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], token);
            at += sizeof(int);
        }

        return Xxh3.Hash128(bytes[..at], Seed);
    }
}
