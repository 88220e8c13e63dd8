using XLLM.Scheduling.Speculation;

namespace XLLM.Scheduling.Tests.Speculation;

public class SuffixRulesTests
{
    [Fact]
    public void ALongerMatch_MayProposeMore()
    {
        SuffixTree local = Tree([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3]);

        Assert.Equal([4, 5, 6], Propose(new SuffixRules(1, 0, 0.1f), local, null, [1, 2, 3], 8));
        Assert.Equal([4, 5, 6, 7, 8, 1], Propose(new SuffixRules(2, 0, 0.1f), local, null, [1, 2, 3], 8));
        Assert.Equal([4, 5, 6, 7], Propose(new SuffixRules(1, 1, 0.1f), local, null, [1, 2, 3], 8));
        Assert.Equal([4, 5], Propose(new SuffixRules(1, 0, 0.1f), local, null, [1, 2, 3], 2));
    }

    [Fact]
    public void UnlikelyPaths_AreCutOff()
    {
        // After 1 2: five different tokens, once each; so each has a fifth.
        SuffixTree local = Tree([1, 2, 10, 1, 2, 11, 1, 2, 12, 1, 2, 13, 1, 2, 14, 1, 2]);

        Assert.Empty(Propose(new SuffixRules(1, 0, 0.3f), local, null, [1, 2], 4));
        Assert.Equal([14, 1], Propose(new SuffixRules(1, 0, 0.1f), local, null, [1, 2], 4));
    }

    [Fact]
    public void TheGlobalTree_WinsOnlyByABetterScore()
    {
        SuffixTree local = Tree([1, 2, 3, 9, 1, 2]);
        SuffixTree same = Tree([1, 2, 4, 4, 1, 2, 4, 4]);
        SuffixTree better = Tree([8, 1, 2, 4, 5, 6]);

        Assert.Equal([3, 9], Propose(new SuffixRules(1, 0, 0.1f), local, same, [8, 1, 2], 4));
        Assert.Equal([4, 5, 6], Propose(new SuffixRules(1, 0, 0.1f), local, better, [8, 1, 2], 4));
    }

    [Fact]
    public void WithoutAMatch_NothingIsProposed() =>
        Assert.Empty(Propose(new SuffixRules(1, 5, 0), Tree([1, 2, 3]), Tree([4, 5, 6]), [1, 2, 3], 8));

    [Theory]
    [InlineData(double.NaN, 0, 0.1f)]
    [InlineData(1, 100, 0.1f)]
    [InlineData(1, 0, 1.5f)]
    public void RulesOutOfRange_AreRefused(double factor, double offset, float least) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SuffixRules(factor, offset, least));

    private static SuffixTree Tree(int[] text)
    {
        SuffixTree tree = new(256, 16);
        Array.ForEach(text, tree.Append);
        return tree;
    }

    private static int[] Propose(SuffixRules rules, SuffixTree local, SuffixTree? global, int[] context, int most)
    {
        int[] tokens = new int[most];
        float[] probabilities = new float[most];
        int count = rules.Propose(local, global, context, tokens, probabilities);
        Assert.All(probabilities[..count], probability => Assert.InRange(probability, 0.01f, 1));
        return tokens[..count];
    }
}
