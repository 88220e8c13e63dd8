using XLLM.Scheduling.Speculation;

namespace XLLM.Scheduling.Tests.Speculation;

/// <summary>How long drafts are.</summary>
public class LengthTests
{
    [Fact]
    public void OneStreamOnFreeRows_VerifiesItsWholeDraft()
    {
        DraftBudget budget = Budget(1, 8, 0.9f);

        budget.Share(1, Line(1, 64, 0.02));

        Assert.Equal(8, budget.LengthOf(0));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(4, 5)]
    [InlineData(16, 1)]
    [InlineData(64, 0)]
    public void MoreStreams_VerifyLess(int streams, int most)
    {
        DraftBudget budget = Budget(streams, 8, 0.7f);

        budget.Share(streams, Line(streams, 1000, 0.06));

        Assert.InRange(budget.LengthOf(0), most == 0 ? 0 : 1, most);
    }

    [Fact]
    public void RowsGoToTheLikeliestDrafts()
    {
        DraftBudget budget = new();
        budget.Offer([0.5f, 0.2f]);
        budget.Offer([0.9f, 0.8f, 0.7f, 0.1f]);
        budget.Offer([]);

        budget.Share(3, Line(3, 4, 0.01));

        Assert.Equal([1, 3, 0], [budget.LengthOf(0), budget.LengthOf(1), budget.LengthOf(2)]);
    }

    [Fact]
    public void NoShorterOrLongerLengths_WouldMakeMoreTokensInTheTime()
    {
        Random random = new(5);
        for (int round = 0; round < 300; round++)
        {
            int streams = random.Next(1, 4);
            int group = random.Next(1, 5);
            double cost = Math.Pow(10, (random.NextDouble() * 3) - 2.5);
            float[][] offers = [.. Enumerable.Range(0, streams).Select(_ => Falling(random, random.Next(0, 5)))];
            DraftBudget budget = new();
            Array.ForEach(offers, offer => budget.Offer(offer));
            int rows = streams + random.Next(0, 10);

            budget.Share(rows, Costs(rows, 100, cost, group));

            int[] lengths = [.. Enumerable.Range(0, streams).Select(budget.LengthOf)];
            double best = AllLengths(offers).Max(other => Goodput(offers, other, rows, cost, group));
            Assert.Equal(best, Goodput(offers, lengths, rows, cost, group), 1e-6 * best);
        }
    }

    [Fact]
    public void RowCost_IsLearnedFromSteps()
    {
        RowCost cost = new();
        Assert.Equal(RowCost.Initial, cost.Share);
        Random random = new(1);
        for (int i = 0; i < 300; i++)
        {
            int rows = random.Next(1, 10);
            double hiccup = i % 90 == 60 ? 20 : 1;
            cost.Observe(rows, hiccup * 0.006 * (1 + (0.05 * rows)) * (0.98 + (0.04 * random.NextDouble())));
        }

        Assert.InRange(cost.Share, 0.03, 0.08);
        for (int i = 0; i < 300; i++)
        {
            int rows = random.Next(1, 10);
            cost.Observe(rows, 0.002 * (1 + (0.4 * rows)));
        }

        Assert.InRange(cost.Share, 0.3, 0.5);
        cost.Observe(3, double.NaN);
        cost.Observe(0, 1);
        Assert.InRange(cost.Share, 0.3, 0.5);
    }

    [Fact]
    public void RowCost_KnowsRowsThatComeInGroups()
    {
        RowCost cost = new();
        Random random = new(1);
        double Seconds(int rows) => 0.006 * (1 + (0.5 * ((rows - 1) / 6)));
        for (int i = 0; i < 300; i++)
        {
            int rows = random.Next(1, 13);
            cost.Observe(rows, Seconds(rows));
        }

        Assert.InRange(cost.Of(6) / cost.Of(1), 0.9, 1.15);
        Assert.InRange(cost.Of(7) / cost.Of(6), 1.3, 1.7);
        Assert.InRange(cost.Of(12) / cost.Of(7), 0.9, 1.15);

        // Sizes not seen are on the line.
        Assert.Equal(1 + (20 * cost.Share), cost.Of(20), 1e-9);
        Assert.Equal(1 + (5000 * cost.Share), cost.Of(5000), 1e-9);

        // And it learns that kernels have changed.
        for (int i = 0; i < 2000; i++)
        {
            int rows = random.Next(1, 13);
            cost.Observe(rows, 0.006);
        }

        Assert.InRange(cost.Of(7) / cost.Of(6), 0.97, 1.03);
    }

    [Fact]
    public void TheRate_FollowsWhatIsAccepted_AndForgetsAtRest()
    {
        AcceptanceRate rate = default;
        float[] certain = [1, 1, 1, 1];
        for (int i = 0; i < 50; i++)
        {
            rate.Observe(certain, 0);
        }

        Assert.InRange(rate.Value, 0, 0.15f);
        for (int i = 0; i < 400; i++)
        {
            rate.Rest();
        }

        Assert.InRange(rate.Value, 0.5f, 0.85f);
        for (int i = 0; i < 50; i++)
        {
            rate.Observe(certain, 4);
        }

        float[] expected = [1, 0.5f, 0.5f, 0];
        rate.Correct(expected);
        Assert.InRange(rate.Value, 0.9f, 1);
        Assert.InRange(expected[0], 0.9f, 0.98f);
        Assert.InRange(expected[1], 0.4f, 0.5f);
        Assert.True(expected[2] < expected[1] && expected[2] > 0.4f);
        Assert.Equal(0, expected[3]);
    }

    private static DraftBudget Budget(int streams, int length, float each)
    {
        DraftBudget budget = new();
        for (int i = 0; i < streams; i++)
        {
            budget.Offer([.. Enumerable.Range(1, length).Select(n => MathF.Pow(each, n))]);
        }

        return budget;
    }

    private static float[] Falling(Random random, int length)
    {
        float probability = 1;
        return [.. Enumerable.Range(0, length).Select(_ => probability *= random.NextSingle())];
    }

    private static IEnumerable<int[]> AllLengths(float[][] offers)
    {
        IEnumerable<int[]> all = [[]];
        foreach (float[] offer in offers)
        {
            all = [.. all.SelectMany(head => Enumerable.Range(0, offer.Length + 1).Select(n => (int[])[.. head, n]))];
        }

        return all;
    }

    private static double Goodput(float[][] offers, int[] lengths, int rows, double cost, int group)
    {
        double tokens = rows + offers.Zip(lengths, (offer, length) => offer.Take(length).Sum(p => (double)p)).Sum();
        return tokens / Costs(rows, lengths.Sum(), cost, group)[^1];
    }

    private static double[] Line(int rows, int room, double cost) => Costs(rows, room, cost, 1);

    // Rows are computed in groups of so many.
    private static double[] Costs(int rows, int room, double cost, int group) =>
        [.. Enumerable.Range(0, room + 1).Select(i => 1 + (cost * group * ((rows + i + group - 1) / group)))];
}
