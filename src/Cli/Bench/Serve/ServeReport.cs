using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Bench.Serve;

/// <summary>A run of <c>bench serve</c> in the terms of vLLM's bench. Times in seconds inside, in milliseconds in text and JSON.</summary>
internal sealed record ServeReport(IReadOnlyList<RequestRecord> Requests, double Duration, ServiceLevels Levels)
{
    private const double Milliseconds = 1000;

    private IEnumerable<RequestRecord> Completed => Requests.Where(r => r.Error is null);

    public int CompletedCount => Completed.Count();

    public int FailedCount => Requests.Count - CompletedCount;

    public long InputTokens => Completed.Sum(r => (long)r.InputTokens);

    public long OutputTokens => Completed.Sum(r => (long)r.OutputTokens);

    /// <summary>Requests a second that met every service level; null when none was asked.</summary>
    public double? Goodput => Levels.Any ? Requests.Count(Levels.Meets) / Duration : null;

    public Distribution Ttft => Distribution.Of(Completed.Select(r => r.Ttft));

    public Distribution Tpot => Distribution.Of(Completed.Select(r => r.Tpot));

    public Distribution Itl => Distribution.Of(Completed.SelectMany(r => r.Gaps));

    public Distribution Total => Distribution.Of(Completed.Select(r => r.Total));

    public override string ToString()
    {
        StringBuilder text = new();
        void Line(string name, double value, string format) =>
            text.AppendLine($"{name,-40} {(double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture)),12}");
        Line("Successful requests", CompletedCount, "0");
        Line("Failed requests", FailedCount, "0");
        Line("Benchmark duration (s)", Duration, "0.00");
        Line("Total input tokens", InputTokens, "0");
        Line("Total generated tokens", OutputTokens, "0");
        Line("Request throughput (req/s)", CompletedCount / Duration, "0.00");
        if (Goodput is { } goodput)
        {
            Line("Request goodput (req/s)", goodput, "0.00");
        }

        Line("Output token throughput (tok/s)", OutputTokens / Duration, "0.0");
        Line("Total token throughput (tok/s)", (InputTokens + OutputTokens) / Duration, "0.0");
        foreach ((string name, Distribution times) in Times())
        {
            Line($"Mean {name} (ms)", times.Mean * Milliseconds, "0.00");
            Line($"Median {name} (ms)", times.Median * Milliseconds, "0.00");
            Line($"P90 {name} (ms)", times.P90 * Milliseconds, "0.00");
            Line($"P99 {name} (ms)", times.P99 * Milliseconds, "0.00");
        }

        foreach (IGrouping<string, RequestRecord> errors in Requests.Where(r => r.Error is not null).GroupBy(r => r.Error!))
        {
            text.AppendLine($"{errors.Count()} failed: {errors.Key}");
        }

        return text.ToString();
    }

    /// <summary>The names that vLLM's <c>--save-result</c> uses.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = new()
        {
            ["completed"] = CompletedCount,
            ["failed"] = FailedCount,
            ["duration"] = Duration,
            ["total_input_tokens"] = InputTokens,
            ["total_output_tokens"] = OutputTokens,
            ["request_throughput"] = CompletedCount / Duration,
            ["request_goodput"] = Goodput,
            ["output_throughput"] = OutputTokens / Duration,
            ["total_token_throughput"] = (InputTokens + OutputTokens) / Duration,
        };
        foreach ((string name, Distribution times) in Times())
        {
            string key = name.ToLowerInvariant();
            json[$"mean_{key}_ms"] = Number(times.Mean);
            json[$"median_{key}_ms"] = Number(times.Median);
            json[$"std_{key}_ms"] = Number(times.Deviation);
            json[$"p90_{key}_ms"] = Number(times.P90);
            json[$"p99_{key}_ms"] = Number(times.P99);
        }

        return json;
    }

    private static JsonNode? Number(double seconds) => double.IsNaN(seconds) ? null : seconds * Milliseconds;

    private IEnumerable<(string Name, Distribution Times)> Times() => [("TTFT", Ttft), ("TPOT", Tpot), ("ITL", Itl), ("E2EL", Total)];
}
