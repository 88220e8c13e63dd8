using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;
using XLLM.Cli.Cluster.State;
using Cell = Spectre.Console.Text;

namespace XLLM.Cli.Cluster.Display;

/// <summary>The status as tables. Rates are between two renderings. One thread.</summary>
internal sealed class StatusTable
{
    private readonly Dictionary<string, (double Tokens, long At)> _last = [];

    public IRenderable Render(ClusterStatus status)
    {
        if (!status.Runs)
        {
            return new Cell("No cluster runs.");
        }

        string head = $"{status.Spec!.ModelName} at {string.Join(" ", status.Spec.Urls)}, membership "
            + $"{status.Spec.Membership.ToString().ToLowerInvariant()}, supervisor {status.State.Supervisor!.Id}";
        return new Rows(new Cell(head), Processes(status), Instances(status));
    }

    private static Table Processes(ClusterStatus status)
    {
        Table table = Narrow("process", "phase", "pid", "starts again", "since", "http", "silo");
        foreach (NodeState node in status.State.Nodes)
        {
            NodeSpec? spec = status.Spec!.Nodes.FirstOrDefault(x => x.Name == node.Name);
            JsonObject? silo = List(status, "nodes").FirstOrDefault(
                x => Field(x, "name") == node.Name && Field(x, "status") != "dead");
            table.AddRow(
                new Cell(node.Name),
                new Cell(node.Phase.ToString().ToLowerInvariant(), new Style(Colour(node.Phase))),
                new Cell(node.Process?.Id.ToString(CultureInfo.InvariantCulture) ?? "-"),
                new Cell(node.Restarts.ToString(CultureInfo.InvariantCulture)),
                new Cell(node.Since.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)),
                new Cell(spec is null ? "-" : status.Spec.UrlOf(spec)["http://".Length..]),
                new Cell(silo is null ? "-" : Field(silo, "status")));
        }

        return table;
    }

    private IRenderable Instances(ClusterStatus status)
    {
        if (status.Fleet is null)
        {
            return new Cell("No gateway answers.", new Style(Color.Red));
        }

        Table table = Narrow(
            "instance", "incarnation", "role", "health", "run/wait", "to prefill", "KV pool", "host/disk", "tok/s", "TPOT ms", "TTFT ms",
            "hits", "pred err", "seen s");
        foreach (JsonObject instance in List(status, "instances"))
        {
            string health = Field(instance, "health");
            double blocks = Number(instance, "kv_blocks");
            table.AddRow(
                new Cell(Field(instance, "id")),
                new Cell(Field(instance, "incarnation")),
                new Cell(instance["pool"] is { } pool ? $"{Field(instance, "role")}: {pool}" : Field(instance, "role")),
                new Cell(health, new Style(health == "ready" ? Color.Green : health == "dead" ? Color.Red : Color.Yellow)),
                new Cell($"{Field(instance, "running")}/{Field(instance, "waiting")}"),
                new Cell(Field(instance, "pending_prefill_tokens")),
                new Cell(Share(blocks - Number(instance, "kv_free_blocks"), blocks)),
                new Cell($"{Field(instance, "kv_host_blocks")}/{Field(instance, "kv_disk_blocks")}"),
                new Cell(Rate(Field(instance, "id") + Field(instance, "incarnation"), Number(instance, "generated_tokens"))),
                new Cell(Milliseconds(Number(instance, "token_seconds"))),
                new Cell(Milliseconds(Number(instance, "max_ttft_seconds"))),
                new Cell(Share(Number(instance, "prefix_hit_tokens"), Number(instance, "prefix_query_tokens"))),
                new Cell(Errors(instance["predictor"] as JsonObject)),
                new Cell(Number(instance, "seen_seconds_ago").ToString("0.0", CultureInfo.InvariantCulture)));
        }

        return table;
    }

    private static Table Narrow(params ReadOnlySpan<string> columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        }

        return table;
    }

    private string Rate(string instance, double tokens)
    {
        long now = Stopwatch.GetTimestamp();
        bool known = _last.TryGetValue(instance, out (double Tokens, long At) last);
        _last[instance] = (tokens, now);
        double seconds = known ? Stopwatch.GetElapsedTime(last.At, now).TotalSeconds : 0;
        return seconds > 0 ? ((tokens - last.Tokens) / seconds).ToString("0", CultureInfo.InvariantCulture) : "-";
    }

    private static string Share(double part, double whole) =>
        whole > 0 ? (part / whole).ToString("P0", CultureInfo.InvariantCulture) : "-";

    // Of prompts and of decode steps: how far the router's predictions of them lie from what was measured.
    private static string Errors(JsonObject? predictor) => predictor is null
        ? "-"
        : $"{Percent(predictor, "prefill_error")}/{Percent(predictor, "decode_error")}";

    private static string Percent(JsonObject from, string name) =>
        from[name] is null ? "-" : Number(from, name).ToString("P0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double seconds) =>
        seconds > 0 ? (seconds * 1000).ToString("0.0", CultureInfo.InvariantCulture) : "-";

    private static Color Colour(NodePhase phase) => phase switch
    {
        NodePhase.Ready => Color.Green,
        NodePhase.Exited => Color.Red,
        _ => Color.Yellow,
    };

    private static IEnumerable<JsonObject> List(ClusterStatus status, string name) =>
        (status.Fleet?[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string Field(JsonObject from, string name) => from[name]?.ToString() ?? "-";

    private static double Number(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue(out double number) ? number : 0;
}
