using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Engine.Execution;
using XLLM.Engine.Memory;
using XLLM.Scheduling.Pages;

namespace XLLM.Cli.Bench.Kv;

/// <summary>What <c>bench kv</c> found, as text and as JSON.</summary>
internal sealed record KvReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public required string Model { get; init; }

    public required int Blocks { get; init; }

    public required int BlockTokens { get; init; }

    public required long BlockBytes { get; init; }

    /// <summary>Plain where the system gives no ranges.</summary>
    public required KvMode Mode { get; init; }

    public required KvBenchResult Lists { get; init; }

    /// <summary>Null without ranges.</summary>
    public KvBenchResult? Ranges { get; init; }

    /// <summary>What mapping took in the run with ranges: before and after.</summary>
    public (PageRangeStats Before, PageRangeStats After, int Limit) Mapping { get; init; }

    public IReadOnlyList<KvDecode> Decode { get; init; } = [];

    /// <summary>Time in mapping calls on all threads, for each token.</summary>
    private double SystemPerToken =>
        Ranges is null ? 0 : (Mapping.After.MapTime - Mapping.Before.MapTime).TotalNanoseconds / Ranges.Tokens;

    public void Print(TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Model}: {Blocks} blocks of {BlockTokens} tokens, {BlockBytes / 1024.0:0} KiB; KV is {Mode}"));
        Print(output, "block lists", Lists);
        if (Ranges is not null)
        {
            Print(output, "ranges", Ranges);
            PageRangeStats before = Mapping.Before;
            PageRangeStats after = Mapping.After;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {after.Calls - before.Calls} system calls, {SystemPerToken:0} ns a token in them on all threads; "
                + $"{after.AheadOrders - before.AheadOrders} ordered ahead, {after.AheadWaits - before.AheadWaits} waited for; "
                + $"{after.Mappings} mappings of at most {Mapping.Limit}"));
        }

        foreach (KvDecode decode in Decode)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{decode.Point}: block lists {decode.Plain.Median:0.0} tokens/s, ranges {decode.Ranges.Median:0.0}, "
                + $"ratio {decode.Ratio:0.000}"));
        }
    }

    public string ToJson() => new JsonObject
    {
        ["model"] = Model,
        ["blocks"] = Blocks,
        ["block_tokens"] = BlockTokens,
        ["block_bytes"] = BlockBytes,
        ["mode"] = Mode.ToString(),
        ["lists"] = Describe(Lists),
        ["ranges"] = Ranges is null ? null : Describe(Ranges),
        ["system_ns_token"] = Ranges is null ? null : SystemPerToken,
        ["decode"] = JsonSerializer.SerializeToNode(Decode.Select(d => new
        {
            streams = d.Point.Streams,
            context = d.Point.Context,
            lists = d.Plain.Median,
            ranges = d.Ranges.Median,
            ratio = d.Ratio,
        })),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Describe(KvBenchResult result) => new()
    {
        ["tokens"] = result.Tokens,
        ["planning_ns_token"] = result.PlanningPerToken,
        ["mapping_ns_token"] = result.MappingPerToken,
        ["peak_blocks_held"] = result.PeakHeld,
        ["peak_blocks_known_lengths"] = result.PeakReserved,
        ["peak_blocks_whole_contexts"] = result.PeakContext,
    };

    private void Print(TextWriter output, string what, KvBenchResult result)
    {
        double mib = BlockBytes / 1048576.0;
        output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
            $"{what}: {result.Tokens} tokens; planning {result.PlanningPerToken:0} ns a token, mapping "
            + $"{result.MappingPerToken:0} ns a token; at most {result.PeakHeld} blocks held, {result.PeakHeld * mib:0} MiB (contiguous: "
            + $"{result.PeakReserved * mib:0} MiB with known lengths, {result.PeakContext * mib:0} MiB with whole contexts)"));
        if (result.Pages is { } pages)
        {
            output.WriteLine(
                $"  pages placed {pages.Placed}, in {pages.Maps} mappings; found in place {pages.Reuses}, mapped ahead "
                + $"{pages.AheadHits}; ranges emptied {pages.Unmaps}, fallbacks {pages.Fallbacks}");
        }
    }
}
