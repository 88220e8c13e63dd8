using System.Diagnostics.Metrics;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.Tests.Telemetry;

public sealed class MeterCollectorTests : IDisposable
{
    private readonly Meter _meter = new("XLLM.Tests." + Guid.NewGuid().ToString("N"));
    private readonly MeterCollector _collector = new();

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_counter_of_any_room_appears_by_itself()
    {
        Counter<long> counter = _meter.CreateCounter<long>("xllm.attic.finds", "{find}", "Things found.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a \"chair\""));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a \"chair\""));
        counter.Add(1);

        string page = Page();

        Assert.Contains("# TYPE xllm:attic_finds_total counter\n", page);
        Assert.Contains("# HELP xllm:attic_finds_total Things found.\n", page);
        Assert.Contains("xllm:attic_finds_total{kind=\"a \\\"chair\\\"\"} 5\n", page);
        Assert.Contains("xllm:attic_finds_total 1\n", page);
    }

    [Fact]
    public void Gauges_keep_the_last_value_and_observed_ones_are_asked()
    {
        Gauge<int> gauge = _meter.CreateGauge<int>("xllm.attic.boxes");
        int asked = 0;
        _meter.CreateObservableGauge("xllm.attic.asked", () => ++asked);
        UpDownCounter<int> people = _meter.CreateUpDownCounter<int>("xllm.attic.people");
        gauge.Record(7);
        gauge.Record(4);
        people.Add(3);
        people.Add(-1);

        Assert.Contains("xllm:attic_boxes 4\n", Page());
        string second = Page();
        Assert.Contains("xllm:attic_asked 2\n", second);
        Assert.Contains("# TYPE xllm:attic_people gauge\nxllm:attic_people 2\n", second);
    }

    [Fact]
    public void Histograms_have_the_unit_in_their_name_and_buckets_that_include_those_below()
    {
        Histogram<double> histogram = _meter.CreateHistogram<double>(
            "xllm.attic.climb", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        foreach (double seconds in new[] { 0.5, 1.5, 1.6, 9 })
        {
            histogram.Record(seconds);
        }

        string page = Page();

        Assert.Contains("xllm:attic_climb_seconds_bucket{le=\"1\"} 1\n", page);
        Assert.Contains("xllm:attic_climb_seconds_bucket{le=\"2\"} 3\n", page);
        Assert.Contains("xllm:attic_climb_seconds_bucket{le=\"+Inf\"} 4\n", page);
        Assert.Contains("xllm:attic_climb_seconds_count 4\n", page);
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using Meter other = new("Somebody.Else");
        other.CreateCounter<long>("somebody.count").Add(1);

        Assert.DoesNotContain("somebody", Page());
    }

    [Fact]
    public void Two_silos_in_one_process_make_one_sum()
    {
        using Meter second = new(_meter.Name);
        _meter.CreateCounter<long>("xllm.attic.steps").Add(1);
        second.CreateCounter<long>("xllm.attic.steps").Add(2);

        string page = Page();

        Assert.Contains("xllm:attic_steps_total 3\n", page);
        Assert.Equal(2, page.Split("# TYPE xllm:attic_steps_total").Length);
    }

    [Fact]
    public void Recording_under_known_tags_takes_no_memory()
    {
        Counter<long> counter = _meter.CreateCounter<long>("xllm.attic.hot");
        KeyValuePair<string, object?> tag = new("instance", "silo-1/cpu0");
        counter.Add(1, tag);
        long least = long.MaxValue;
        // Collectors of other tests may begin to listen meanwhile.
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                counter.Add(1, tag);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private string Page()
    {
        PrometheusText page = new();
        _collector.Write(page);
        return page.ToString();
    }
}
