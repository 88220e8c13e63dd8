using XLLM.Scheduling.Speculation;

namespace XLLM.Scheduling.Tests.Speculation;

public class SuffixTreeTests
{
    public static TheoryData<int, int, int, int> Shapes() => new()
    {
        { 1, 8, 4, 2 },
        { 2, 64, 8, 2 },
        { 3, 40, 20, 3 },
        { 4, 200, 5, 2 },
        { 5, 24, 12, 1 },
        { 6, 90, 16, 30 },
        { 7, 16, 8, 4 },
        { 8, 1000, 7, 3 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheTree_SaysWhatALookThroughTheTextSays(int seed, int window, int depth, int alphabet)
    {
        Random random = new(seed);
        for (int round = 0; round < 1; round++)
        {
            SuffixTree tree = new(window, depth, (uint)random.Next());
            RunCounts counts = new(window, depth);
            int[] motif = [.. Enumerable.Range(0, random.Next(1, 10)).Select(_ => random.Next(alphabet))];
            for (int i = 0; i < 120; i++)
            {
                // Random tokens, and stretches of a motif that come again.
                int token = i / 20 % 2 == 0 ? random.Next(alphabet) : motif[i % motif.Length];
                tree.Append(token);
                counts.Append(token);
                if (random.Next(25) == 0)
                {
                    tree.EndText();
                    counts.EndText();
                }

                Compare(tree, counts, random, alphabet, depth);
            }
        }
    }

    [Fact]
    public void AWindowThatWrapsMemory_ForgetsAndStaysSmall()
    {
        SuffixTree tree = new(256, 64);
        Random random = new(1);
        for (int i = 0; i < 200_000; i++)
        {
            tree.Append(i / 1000 % 3 == 0 ? i % 7 : random.Next(i / 1000 % 3 == 1 ? 2 : 50_000));
        }

        Assert.Equal(256, tree.Count);
        Assert.InRange(tree.NodeCount, 257, (2 * 256) + 1);
        Assert.InRange(tree.Bytes, 1, 64 * 1024);
        Assert.Empty(tree.CheckIntegrity());
    }

    [Fact]
    public void HostileText_CostsNoMoreStepsThanItsDepth()
    {
        // One token over and over; all different tokens; and one token before each of very many others.
        foreach (Func<int, int> text in new Func<int, int>[] { _ => 7, i => i, i => i % 2 == 0 ? 7 : i })
        {
            SuffixTree tree = new(1 << 16, 64);
            for (int i = 0; i < 200_000; i++)
            {
                tree.Append(text(i));
            }

            Assert.True(tree.TryFind([text(199_998)], out SuffixSpot spot));
            Assert.InRange(tree.Follow(spot, 0, new int[8], new float[8]), 1, 8);
            Assert.InRange(tree.NodeCount, 1, (2 << 16) + 1);
        }
    }

    [Fact]
    public void Clear_ForgetsEverything()
    {
        SuffixTree tree = new(64, 8);
        foreach (int token in new[] { 1, 2, 3, 1, 2, 3 })
        {
            tree.Append(token);
        }

        tree.Clear();
        tree.Append(2);

        Assert.Equal(0, tree.MatchLength);
        Assert.Equal(0, tree.CountOf([1]));
        Assert.Equal(1, tree.CountOf([2]));
        Assert.Equal(2, tree.NodeCount);
    }

    [Theory]
    [InlineData(7, 4)]
    [InlineData(8, 1)]
    [InlineData(1024, 257)]
    [InlineData((1 << 24) + 1, 8)]
    public void ShapesOutOfRange_AreRefused(int window, int depth) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SuffixTree(window, depth));

    private static void Compare(SuffixTree tree, RunCounts counts, Random random, int alphabet, int depth)
    {
        Assert.Empty(tree.CheckIntegrity());
        Assert.InRange(tree.NodeCount, 1, (2 * tree.Count) + 1);
        int match = counts.MatchLength();
        Assert.Equal(match, tree.MatchLength);
        if (match > 0)
        {
            int length = random.Next(1, match + 1);
            CompareFollow(tree, counts, tree.SpotOfLast(length), counts.Last(length), random);
        }

        int[] run = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(alphabet))];
        Assert.Equal(counts.CountOf(run), tree.CountOf(run));
        IReadOnlyList<int> known = counts.Last(Math.Min(tree.Count, random.Next(1, depth + 1)));
        Assert.Equal(counts.CountOf(known), tree.CountOf([.. known]));
        int longest = Enumerable.Range(1, known.Count).LastOrDefault(n => counts.CountOf([.. known.TakeLast(n)]) > 0);
        Assert.Equal(longest, tree.LongestMatch([.. known], depth));
        if (tree.TryFind(run, out SuffixSpot spot))
        {
            CompareFollow(tree, counts, spot, run, random);
        }
    }

    private static void CompareFollow(SuffixTree tree, RunCounts counts, SuffixSpot spot, IReadOnlyList<int> run, Random random)
    {
        float least = random.NextSingle() * 0.6f;
        int[] tokens = new int[random.Next(1, 12)];
        float[] probabilities = new float[tokens.Length];
        int found = tree.Follow(spot, least, tokens, probabilities);
        (List<int> expected, List<float> expectedProbabilities) = counts.Follow(run, least, tokens.Length);
        Assert.Equal(expected, tokens[..found]);
        Assert.Equal(expectedProbabilities, probabilities[..found]);
    }
}
