using XLLM.Simulator.Devices;
using XLLM.Simulator.Load;

namespace XLLM.Simulator.Tests;

public sealed class LoadTests
{
    private static readonly SimArrival[] Trace = [.. Enumerable.Range(0, 200).Select(i => new SimArrival(10 + (i * 0.7), i, i % 5))];

    [Fact]
    public void A_trace_is_scaled_to_the_rate_and_keeps_its_order_and_lengths()
    {
        SimArrival[] load = new TraceLoad(Trace, 1, 1).At(10);

        Assert.Equal(0, load[0].Seconds);
        Assert.Equal(20, load[^1].Seconds, 1e-9);
        Assert.Equal(Trace.Select(a => Math.Max(1, a.PromptTokens)), load.Select(a => a.PromptTokens));
        Assert.All(load, a => Assert.True(a.OutputTokens >= 1));
    }

    [Fact]
    public void Copies_come_close_to_their_originals_so_that_bursts_stay_bursts()
    {
        TraceLoad load = new([new SimArrival(0, 1, 1), new SimArrival(100, 2, 2)], 8, 1);

        SimArrival[] arrivals = load.At(load.Rate);

        Assert.Equal(16, arrivals.Length);
        Assert.All(arrivals.Take(8), a => Assert.InRange(a.Seconds, 0, 0.5));
        Assert.All(arrivals.Skip(8), a => Assert.InRange(a.Seconds, 99.9, 100.5));
    }

    [Fact]
    public void A_trace_of_one_moment_has_no_rate() =>
        Assert.Throws<ArgumentException>(() => new TraceLoad([new SimArrival(1, 1, 1), new SimArrival(1, 1, 1)], 1, 1));

    [Fact]
    public void A_poisson_load_has_its_rate_and_its_lengths()
    {
        SimArrival[] load = PoissonLoad.Of(20_000, 50, 1000, 100, 3);

        Assert.InRange(load[^1].Seconds, 390, 410);
        Assert.InRange(load.Average(a => a.PromptTokens), 980, 1020);
        Assert.InRange(load.Average(a => a.OutputTokens), 97, 103);
    }

    [Fact]
    public void Profiles_are_valid_and_say_where_they_are_from()
    {
        Assert.All(DeviceProfiles.All, p =>
        {
            Assert.Empty(p.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(p)));
            Assert.True(p.Source.Contains("assumption", StringComparison.Ordinal) || p.Source.Contains("bench/results", StringComparison.Ordinal));
        });
        Assert.Null(DeviceProfiles.Find("other"));
    }

    [Theory]
    [InlineData(1, 128, 192.74)]
    [InlineData(4, 128, 533.51)]
    [InlineData(16, 128, 901.84)]
    [InlineData(32, 128, 1054.85)]
    [InlineData(1, 2048, 123.32)]
    [InlineData(4, 2048, 239.54)]
    [InlineData(16, 2048, 262.42)]
    [InlineData(32, 2048, 263.71)]
    public void The_measured_profile_is_near_its_measurements(int streams, int context, double tokensPerSecond)
    {
        double seconds = DeviceProfiles.Cpu.Seconds(0, 0, streams, (long)streams * context);

        Assert.InRange(streams / seconds / tokensPerSecond, 0.8, 1.25);
    }

    [Theory]
    [InlineData(128, 1690.28)]
    [InlineData(512, 1518.71)]
    [InlineData(2048, 855.11)]
    public void And_so_are_its_prompts(int tokens, double tokensPerSecond)
    {
        double seconds = DeviceProfiles.Cpu.Seconds(tokens, DeviceProfile.Attention(0, tokens), 0, 0);

        Assert.InRange(tokens / seconds / tokensPerSecond, 0.8, 1.25);
    }
}
