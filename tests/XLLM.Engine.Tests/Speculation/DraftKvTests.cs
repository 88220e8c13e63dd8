using XLLM.Engine.Speculation;

namespace XLLM.Engine.Tests.Speculation;

public class DraftKvTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 9 }, 3)]
    [InlineData(new[] { 1, 2, 3, 4, 9 }, 4)]
    [InlineData(new[] { 1, 2, 3, 4, 5, 9 }, 5)]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 9 }, 5)]
    public void WhatTheTextTurnedOutToHave_IsKept(int[] text, int computed)
    {
        DraftKv kv = new(8);
        kv.Rewind([1, 2, 3]);
        kv.Advance(3);
        kv.Guess(4);
        kv.Guess(5);

        kv.Rewind(text);

        Assert.Equal(computed, kv.Computed);
    }

    [Fact]
    public void TheLastToken_IsComputedAgain_WhereOnlyItsRowIsWanted()
    {
        DraftKv kv = new(8);
        kv.Advance(3);

        kv.Rewind([1, 2, 3]);

        Assert.Equal(2, kv.Computed);
        kv.Forget();
        kv.Rewind([1, 2, 3]);
        Assert.Equal(0, kv.Computed);
    }
}
