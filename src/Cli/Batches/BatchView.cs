using System.Globalization;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Batches;

/// <summary>A batch as a server tells of it.</summary>
internal sealed class BatchView(JsonNode batch)
{
    public string Id => batch["id"]!.GetValue<string>();

    public string Status => batch["status"]!.GetValue<string>();

    public string Endpoint => (string?)batch["endpoint"] ?? "";

    public DateTimeOffset Created => DateTimeOffset.FromUnixTimeSeconds((long?)batch["created_at"] ?? 0);

    public int Total => CountOf("total");

    public int Completed => CountOf("completed");

    public int Failed => CountOf("failed");

    public string? OutputFile => (string?)batch["output_file_id"];

    public string? ErrorFile => (string?)batch["error_file_id"];

    public bool IsOver => Status is "completed" or "failed" or "expired" or "cancelled";

    /// <summary>What validation found, a line each.</summary>
    public IEnumerable<string> Faults => (batch["errors"]?["data"]?.AsArray() ?? []).Select(e => string.Create(
        CultureInfo.InvariantCulture,
        $"{((long?)e?["line"] is { } line ? $"line {line}: " : "")}{(string?)e?["code"]}: {(string?)e?["message"]}"));

    public string Progress => string.Create(CultureInfo.InvariantCulture, $"{Completed + Failed}/{Total}, {Failed} failed");

    private int CountOf(string name) => (int?)batch["request_counts"]?[name] ?? 0;
}
