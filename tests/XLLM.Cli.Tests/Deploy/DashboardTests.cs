using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using XLLM.Gateway.Telemetry;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Deploy;

public sealed partial class DashboardTests
{
    [Fact]
    public void Every_metric_of_the_dashboard_is_one_that_we_export()
    {
        JsonNode dashboard = JsonNode.Parse(
            File.ReadAllText(Path.Combine(ComposeFiles.Folder, "grafana", "dashboards", "xllm.json")))!;
        string[] asked =
        [
            .. dashboard["panels"]!.AsArray().SelectMany(x => x!["targets"]?.AsArray() ?? []).Select(x => (string)x!["expr"]!)
                .SelectMany(x => Metric().Matches(x)).Select(x => Family(x.Value)).Distinct().Order(),
        ];
        HashSet<string> exported = [.. Instruments(), .. Pages()];

        Assert.True(asked.Length > 15, string.Join(", ", asked));
        Assert.Empty(asked.Except(exported));
    }

    [Fact]
    public void Panels_have_titles_places_of_their_own_and_the_provisioned_source()
    {
        JsonNode dashboard = JsonNode.Parse(
            File.ReadAllText(Path.Combine(ComposeFiles.Folder, "grafana", "dashboards", "xllm.json")))!;
        JsonNode[] panels = [.. dashboard["panels"]!.AsArray().Select(x => x!)];

        Assert.All(panels, x => Assert.False(string.IsNullOrEmpty((string?)x["title"])));
        Assert.Equal(panels.Length, panels.Select(x => (int)x["id"]!).Distinct().Count());
        Assert.Equal(panels.Length, panels.Select(x => $"{x["gridPos"]!["x"]},{x["gridPos"]!["y"]}").Distinct().Count());
        string sources = File.ReadAllText(
            Path.Combine(ComposeFiles.Folder, "grafana", "provisioning", "datasources", "prometheus.yml"));
        Assert.All(
            panels.Where(x => (string?)x["type"] != "row"),
            x => Assert.Contains((string)x["datasource"]!["uid"]!, sources));
    }

    /// <summary>Instruments of all rooms, read from their source: not each is recorded in a short run.</summary>
    private static IEnumerable<string> Instruments() =>
        from file in Directory.EnumerateFiles(Path.Combine(SharedData.Repository, "src"), "*.cs", SearchOption.AllDirectories)
        let text = File.ReadAllText(file)
        let constants = Constant().Matches(text).ToDictionary(x => x.Groups[1].Value, x => x.Groups[2].Value)
        from match in Instrument().Matches(text)
        let name = match.Groups[2].Success ? match.Groups[2].Value : constants.GetValueOrDefault(match.Groups[3].Value, "")
        where name.Length > 0
        select MetricNames.Metric(
            name, match.Groups[4].Success ? match.Groups[4].Value : null, match.Groups[1].Value.EndsWith("Counter") && !match.Groups[1].Value.Contains("UpDown"));

    private static IEnumerable<string> Pages()
    {
        PrometheusText page = new();
        GatewayMetrics metrics = new();
        metrics.Of("m");
        MetricsPage.Write(page, metrics, Contracts.Fleet.FleetSnapshot.Empty);
        return FamilyLine().Matches(page.ToString()).Select(x => x.Groups[1].Value);
    }

    private static string Family(string metric) => Suffix().Replace(metric, "");

    [GeneratedRegex(@"xllm:[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex FamilyLine();

    [GeneratedRegex("const string (\\w+) = \"(xllm[^\"]+)\"")]
    private static partial Regex Constant();

    [GeneratedRegex("Create(\\w+)(?:<\\w+>)?\\(\\s*(?:\"([^\"]+)\"|(\\w+))(?:,\\s*\"([^\"]*)\")?")]
    private static partial Regex Instrument();
}
