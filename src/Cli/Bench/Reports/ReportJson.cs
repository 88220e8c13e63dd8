using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>A run as JSON: <c>results</c> has an object for every point; a number that is not there is null.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(BenchReport report) => new JsonObject
    {
        ["model"] = report.Model,
        ["commit"] = report.Commit,
        ["date"] = report.Date.ToString("O", CultureInfo.InvariantCulture),
        ["device"] = report.Device,
        ["rounds"] = report.Rounds,
        ["machine"] = JsonSerializer.SerializeToNode(new
        {
            cpu = report.Machine.Cpu, cores = report.Machine.Cores, flags = report.Machine.Flags,
            memory_gb = Rounded(report.Machine.MemoryGigabytes), system = report.Machine.System,
        }),
        ["limits"] = JsonSerializer.SerializeToNode(new
        {
            read_bytes_per_second = report.Limits.BytesPerSecond, int8_ops_per_second = report.Limits.Int8PerSecond,
            fp32_ops_per_second = report.Limits.Fp32PerSecond,
        }),
        ["sides"] = JsonSerializer.SerializeToNode(report.Sides),
        ["notes"] = JsonSerializer.SerializeToNode(report.Notes),
        ["results"] = new JsonArray([.. report.Results.Select(Result)]),
    }.ToJsonString(Indented) + "\n";

    private static JsonNode Result(PointResult result) => new JsonObject
    {
        ["name"] = result.Point.Name,
        ["streams"] = result.Point.Streams,
        ["context"] = result.Point.Context,
        ["ours"] = Rounded(result.Ours.Median),
        ["peer"] = Number(result.Peer),
        ["ratio"] = Number(result.Ratio, 4),
        ["limit_fraction"] = Rounded(result.LimitFraction, 4),
        ["limit"] = Rounded(result.Limit),
        ["best_peer"] = result.BestPeer,
        ["ours_rounds"] = Rounds(result.Ours),
        ["peers"] = new JsonObject(result.Peers.Select(p => KeyValuePair.Create(p.Key, Peer(p.Value)))),
    };

    private static JsonNode? Peer(Samples? samples) => samples is not { Count: > 0 } ? null : new JsonObject
    {
        ["median"] = Rounded(samples.Median),
        ["rounds"] = Rounds(samples),
    };

    private static JsonArray Rounds(Samples samples) => [.. samples.Rates.Select(r => (JsonNode)Rounded(r))];

    private static JsonNode? Number(double? value, int digits = 2) => value is { } number ? Rounded(number, digits) : null;

    private static double Rounded(double value, int digits = 2) => Math.Round(value, digits);
}
