using XLLM.Scheduling.Speculation;

namespace XLLM.Scheduling.Tests.Speculation;

public class NgramIndexTests
{
    [Fact]
    public void TheLatestPlaceOfTheLongestRun_IsContinued()
    {
        int[] draft = new int[3];
        NgramIndex index = new(1, 3, 64);

        int count = index.Find([1, 2, 3, 4, 9, 2, 3, 5, 6, 7, 8, 2, 3], draft);

        Assert.Equal([5, 6, 7], draft[..count]);
        count = index.Find([1, 2, 3, 4, 9, 2, 3, 5, 6, 7, 8, 2, 3, 4], draft);
        Assert.Equal([9, 2, 3], draft[..count]);
    }

    [Fact]
    public void WithoutAnEarlierPlace_ThereIsNoDraft() => Assert.Equal(0, new NgramIndex(1, 3, 64).Find([1, 2, 3, 4], new int[4]));

    [Fact]
    public void OverGrowingTexts_ItFindsWhatALookThroughFinds()
    {
        Random random = new(3);
        (int equal, int all) = (0, 0);
        for (int round = 0; round < 20; round++)
        {
            NgramIndex index = new(2, 4, 1 << 12);
            List<int> text = [];
            int alphabet = random.Next(2, 30);
            while (text.Count < 600)
            {
                text.AddRange(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(alphabet)));
                int[] draft = new int[random.Next(1, 9)];
                int count = index.Find([.. text], draft);
                int[] expected = Expected(text, draft.Length);

                // A place may be lost to a collision, never invented: then a shorter or no run is continued.
                Assert.True(count == 0 || Continues(text, draft[..count]));
                equal += expected.AsSpan().SequenceEqual(draft.AsSpan(0, count)) ? 1 : 0;
                all++;
            }
        }

        Assert.InRange(equal, 0.9 * all, all);
    }

    private static int[] Expected(List<int> text, int most)
    {
        for (int length = Math.Min(4, text.Count); length >= 2; length--)
        {
            for (int end = text.Count - 1; end >= length; end--)
            {
                if (text[(end - length)..end].SequenceEqual(text[^length..]))
                {
                    return [.. text.Skip(end).Take(most)];
                }
            }
        }

        return [];
    }

    private static bool Continues(List<int> text, int[] draft) => Enumerable.Range(2, Math.Max(0, text.Count - 2))
        .Any(end => end < text.Count && text[(end - 2)..end].SequenceEqual(text[^2..])
            && text.Skip(end).Take(draft.Length).SequenceEqual(draft));
}
