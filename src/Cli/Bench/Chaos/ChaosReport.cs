using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>What a chaos run did to its clients.</summary>
internal sealed class ChaosReport(
    IReadOnlyList<ChaosAnswer> answers, IReadOnlyList<ChaosPrompt> prompts, IReadOnlyList<Strike> strikes, double seconds)
{
    public IReadOnlyList<ChaosAnswer> Answers { get; } = answers;

    public IReadOnlyList<Strike> Strikes { get; } = strikes;

    public double Seconds { get; } = seconds;

    /// <summary>Requests with this verdict.</summary>
    public int Count(ChaosVerdict verdict) => Answers.Count(a => Judge(a) == verdict);

    /// <summary>Longest silences of all requests, in seconds.</summary>
    public Distribution Gaps => Distribution.Of(Answers.Select(a => a.LongestGap));

    public ChaosVerdict Judge(ChaosAnswer answer)
    {
        string expected = prompts[answer.Prompt].Expected;
        return (answer.Error, answer.Text == expected) switch
        {
            (null, true) => ChaosVerdict.Whole,
            (null, false) when answer.Text.Length > expected.Length => ChaosVerdict.Doubled,
            (null, false) when expected.StartsWith(answer.Text, StringComparison.Ordinal) => ChaosVerdict.Lost,
            (null, false) => ChaosVerdict.Different,
            _ when !expected.StartsWith(answer.Text, StringComparison.Ordinal) => ChaosVerdict.Different,
            _ => ChaosVerdict.Lost,
        };
    }

    /// <summary>Longest silence among requests under way when the fault struck, of those silences that it may have caused.</summary>
    public double GapAfter(Strike strike)
    {
        double until = strike.Began + strike.Fault.Seconds + 5;
        return Answers
            .Where(a => a.WasAlive(strike.Began) && a.GapAt + a.LongestGap >= strike.Began && a.GapAt <= until)
            .Select(a => a.LongestGap).DefaultIfEmpty(0).Max();
    }

    public override string ToString()
    {
        StringBuilder text = new();
        CultureInfo culture = CultureInfo.InvariantCulture;
        text.AppendLine("| at s | fault | engine | lasts s | requests under way | longest silence s |");
        text.AppendLine("|---:|---|---:|---:|---:|---:|");
        foreach (Strike strike in Strikes)
        {
            Fault fault = strike.Fault;
            text.AppendLine(culture,
                $"| {strike.Began:0.0} | {fault.Kind}{(strike.Error is { } e ? " (failed: " + e + ")" : "")} | {fault.Engine} | {fault.Seconds:0.0} | {Answers.Count(a => a.WasAlive(strike.Began))} | {GapAfter(strike):0.00} |");
        }

        text.AppendLine();
        text.AppendLine(culture, $"{Answers.Count} requests in {Seconds:0} s, {Strikes.Count} faults: {Count(ChaosVerdict.Whole)} whole, "
            + $"{Count(ChaosVerdict.Lost)} lost, {Count(ChaosVerdict.Doubled)} doubled, {Count(ChaosVerdict.Different)} different");
        text.AppendLine(culture, $"longest silence of a request: median {Gaps.Median:0.00} s, p99 {Gaps.P99:0.00} s, most {Answers.Select(a => a.LongestGap).DefaultIfEmpty(0).Max():0.00} s");
        foreach (IGrouping<string, ChaosAnswer> errors in Answers.Where(a => a.Error is not null).GroupBy(a => a.Error!).Take(10))
        {
            text.AppendLine(culture, $"{errors.Count()} failed: {errors.Key}");
        }

        return text.ToString();
    }

    public JsonObject ToJson() => new()
    {
        ["requests"] = Answers.Count,
        ["seconds"] = Seconds,
        ["whole"] = Count(ChaosVerdict.Whole),
        ["lost"] = Count(ChaosVerdict.Lost),
        ["doubled"] = Count(ChaosVerdict.Doubled),
        ["different"] = Count(ChaosVerdict.Different),
        ["gap_median_s"] = Gaps.Median,
        ["gap_p99_s"] = Gaps.P99,
        ["gap_max_s"] = Answers.Select(a => a.LongestGap).DefaultIfEmpty(0).Max(),
        ["faults"] = new JsonArray([.. Strikes.Select(s => (JsonNode)new JsonObject
        {
            ["at_s"] = s.Began,
            ["kind"] = s.Fault.Kind.ToString(),
            ["engine"] = s.Fault.Engine,
            ["lasts_s"] = s.Fault.Seconds,
            ["in_flight"] = Answers.Count(a => a.WasAlive(s.Began)),
            ["longest_gap_s"] = GapAfter(s),
            ["error"] = s.Error,
        })]),
    };
}
