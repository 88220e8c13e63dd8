using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Tests.Bench;

public sealed class PointListTests
{
    [Fact]
    public void All_points_are_those_that_the_issue_names() => Assert.Equal(
        "prefill:128 prefill:512 prefill:2048 decode:1:128 decode:4:128 decode:16:128 decode:32:128 "
        + "decode:1:2048 decode:4:2048 decode:16:2048 decode:32:2048 mixed:16:512",
        string.Join(' ', PointList.Parse("all")));

    [Fact]
    public void A_list_is_ordered_so_that_points_of_one_context_are_neighbours_and_said_once() => Assert.Equal(
        "prefill:64 decode:1:128 decode:16:128 decode:4:256",
        string.Join(' ', PointList.Parse("decode:4:256, decode:16:128,prefill:64,decode:1:128,decode:16:128")));

    [Theory]
    [InlineData("")]
    [InlineData("decode")]
    [InlineData("decode:4")]
    [InlineData("decode:0:128")]
    [InlineData("decode:513:128")]
    [InlineData("decode:4:-1")]
    [InlineData("decode:4:99999999999")]
    [InlineData("mixed:129:64")]
    [InlineData("prefill:4:4")]
    [InlineData("prefil:4")]
    [InlineData("prefill:1,,")]
    public void A_wrong_part_is_refused_with_what_is_right(string text) =>
        Assert.Contains("prefill:TOKENS", Assert.Throws<ArgumentException>(() => PointList.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 64)]
    [InlineData(16, 512)]
    [InlineData(128, 2048)]
    public void A_mixed_schedule_computes_every_prompt_once_in_full_steps_and_stays_in_its_room(int streams, int context)
    {
        BenchPoint point = new(PointKind.Mixed, streams, context);
        MixedSchedule schedule = new(point);
        int[] length = [.. Enumerable.Range(0, 2 * streams).Select(s => s < streams ? context : 0)];
        long tokens = 0;
        List<int> sizes = [];
        while (schedule.Next() is { } step)
        {
            foreach (MixedPart part in step)
            {
                Assert.Equal(length[part.Stream], part.At);
                length[part.Stream] += part.Count;
                Assert.Equal(part.Wanted, length[part.Stream] >= context);
                Assert.True(part.At < context || part.Count == 1);
            }

            sizes.Add(step.Sum(p => p.Count));
            tokens += sizes[^1];
        }

        Assert.Equal(tokens, schedule.Tokens);
        Assert.All(sizes, s => Assert.InRange(s, 1, BenchPoint.StepTokens));
        Assert.All(sizes.SkipLast(1), s => Assert.Equal(BenchPoint.StepTokens, s));
        Assert.All(length, l => Assert.InRange(l, context, point.Room));
        Assert.Equal(context, length[^1]);
    }

    [Fact]
    public void Medians_and_spreads_are_of_the_rounds()
    {
        Samples samples = new();
        Assert.True(double.IsNaN(samples.Median));
        foreach (double rate in new double[] { 30, 10, 20, 40 })
        {
            samples.Add(rate);
        }

        Assert.Equal(25, samples.Median);
        Assert.Equal((10, 40), (samples.Least, samples.Most));
        Assert.Equal(0.6, samples.Spread, 12);
        samples.Add(50);
        Assert.Equal(30, samples.Median);
    }
}
