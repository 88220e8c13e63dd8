using System.Buffers.Binary;
using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Blocks;

public class BlockHasherTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(100, 50)];

    [Fact]
    public void HashPrompt_OfFiftyTokensInBlocksOfSixteen_HasThreeHashesOfTheDocumentedBytes()
    {
        ImmutableArray<BlockHash> hashes = new BlockHasher(16).HashPrompt(Tokens);

        Assert.Equal(3, hashes.Length);
        byte[] first = new byte[64];
        byte[] second = new byte[80];
        BinaryPrimitives.WriteUInt64LittleEndian(second, hashes[0].High);
        BinaryPrimitives.WriteUInt64LittleEndian(second.AsSpan(8), hashes[0].Low);
        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(first.AsSpan(i * 4), Tokens[i]);
            BinaryPrimitives.WriteInt32LittleEndian(second.AsSpan(16 + (i * 4)), Tokens[16 + i]);
        }

        Assert.Equal(Xxh3.Hash128(first, 1024), hashes[0]);
        Assert.Equal(Xxh3.Hash128(second, 1024), hashes[1]);
    }

    [Fact]
    public void HashPrompt_WhenAnEarlyTokenDiffers_ChangesEveryLaterHashAndNoEarlierOne()
    {
        BlockHasher hasher = new(8);
        int[] other = [.. Tokens];
        other[9]++;

        ImmutableArray<BlockHash> one = hasher.HashPrompt(Tokens);
        ImmutableArray<BlockHash> two = hasher.HashPrompt(other);

        Assert.Equal(one[0], two[0]);
        Assert.All(Enumerable.Range(1, 5), i => Assert.NotEqual(one[i], two[i]));
    }

    [Fact]
    public void HashPrompt_WithAnotherSaltOrSeed_SharesNoHash()
    {
        BlockHash[] hashes =
        [
            .. new BlockHasher(16).HashPrompt(Tokens),
            .. new BlockHasher(16).HashPrompt(Tokens, "a"),
            .. new BlockHasher(16).HashPrompt(Tokens, "b"),
            .. new BlockHasher(16, 7).HashPrompt(Tokens),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Next_WithATokenCountThatIsNotABlock_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockHasher(16).Next(default, new int[15]));
}
