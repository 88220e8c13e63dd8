using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Tests.Bench;

public sealed class ServeLoadTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(4)]
    public void Gaps_have_the_mean_of_the_rate_and_the_variance_of_the_burstiness(double burstiness)
    {
        double[] times = ArrivalTimes.Make(50_000, 20, burstiness, new Random(1));
        double[] gaps = [.. times.Zip(times.Skip(1), (a, b) => b - a)];
        double mean = gaps.Average();
        double variance = gaps.Average(g => (g - mean) * (g - mean));
        Assert.Equal(0, times[0]);
        Assert.All(gaps, g => Assert.True(g >= 0));
        Assert.Equal(1 / 20.0, mean, 0.05 / 20);
        // The coefficient of variation of a gamma distribution is 1 / sqrt(shape).
        Assert.Equal(1 / burstiness, variance / (mean * mean), 0.1 / burstiness);
    }

    [Fact]
    public void The_same_seed_gives_the_same_load_and_an_infinite_rate_sends_all_at_once()
    {
        Assert.Equal(ArrivalTimes.Make(100, 5, 0.5, new Random(7)), ArrivalTimes.Make(100, 5, 0.5, new Random(7)));
        Assert.NotEqual(ArrivalTimes.Make(100, 5, 0.5, new Random(7)), ArrivalTimes.Make(100, 5, 0.5, new Random(8)));
        Assert.All(ArrivalTimes.Make(100, double.PositiveInfinity, 1, new Random(7)), t => Assert.Equal(0, t));
    }

    [Fact]
    public void Random_requests_share_the_prefix_and_have_lengths_in_range()
    {
        IReadOnlyList<ServeRequest> requests = new RandomDataset(100, 10, 0.5, 32).Make(new double[500], new Random(1));
        Assert.All(requests, r => Assert.Equal(requests[0].Prompt[..32], r.Prompt[..32]));
        Assert.Equal((82, 182), (requests.Min(r => r.Prompt.Length), requests.Max(r => r.Prompt.Length)));
        Assert.Equal((5, 15), (requests.Min(r => r.OutputTokens), requests.Max(r => r.OutputTokens)));
        Assert.NotEqual(requests[0].Prompt[32..50], requests[1].Prompt[32..50]);
        Assert.All(new RandomDataset(100, 10, 0, 0).Make(new double[5], new Random(1)), r => Assert.Equal((100, 10), (r.Prompt.Length, r.OutputTokens)));
    }

    [Fact]
    public void Azures_csv_is_read_with_times_from_the_first()
    {
        IReadOnlyList<TraceEntry> entries = TraceFile.Parse(
            ["TIMESTAMP,ContextTokens,GeneratedTokens", "2023-11-16 18:17:03.9799600,4808,10", "2023-11-16 18:17:04.0319600,3180,8", ""], 10, "t");
        Assert.Equal((0, 4808, 10), (entries[0].Seconds, entries[0].InputLength, entries[0].OutputLength));
        Assert.Equal(0.052, entries[1].Seconds, 5);
    }

    [Fact]
    public void Mooncakes_lines_share_tokens_where_they_share_blocks()
    {
        string[] lines =
        [
            "{\"timestamp\": 5000, \"input_length\": 1200, \"output_length\": 500, \"hash_ids\": [0, 1, 2]}",
            "{\"timestamp\": 7000, \"input_length\": 1100, \"output_length\": 40, \"hash_ids\": [0, 1, 9]}",
        ];
        IReadOnlyList<ServeRequest> requests = new TraceDataset(TraceFile.Parse(lines, 10, "t"), 2, 0.5, 4096, 100).Make(3);
        Assert.Equal(1, requests[1].Arrival);
        Assert.Equal((600, 550), (requests[0].Prompt.Length, requests[1].Prompt.Length));
        Assert.Equal((100, 20), (requests[0].OutputTokens, requests[1].OutputTokens));
        Assert.Equal(requests[0].Prompt[..512], requests[1].Prompt[..512]);
        Assert.NotEqual(requests[0].Prompt[512..540], requests[1].Prompt[512..540]);
    }

    [Theory]
    [InlineData("2023-11-16 18:17:03,48o8,10")]
    [InlineData("{\"timestamp\": 1}")]
    [InlineData("{\"timestamp\": 1, \"input_length\": -4, \"output_length\": 4}")]
    [InlineData("{")]
    public void A_line_that_is_of_no_trace_is_named(string line)
    {
        string[] lines = line[0] == '{' ? [line] : ["TIMESTAMP,ContextTokens,GeneratedTokens", line];
        ArgumentException error = Assert.Throws<ArgumentException>(() => TraceFile.Parse(lines, 10, "trace.x"));
        Assert.Contains($"trace.x, line {lines.Length}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_without_requests_is_refused() =>
        Assert.Throws<ArgumentException>(() => TraceFile.Parse(["TIMESTAMP,ContextTokens,GeneratedTokens"], 10, "t"));
}
