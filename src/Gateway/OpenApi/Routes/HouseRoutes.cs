using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Health, metrics, cluster, console and this document.</summary>
internal static class HouseRoutes
{
    public static IEnumerable<Operation> All =>
    [
        new("GET", "/health/live", "live", "Operation", "The process answers")
        {
            IsOpen = true,
            Answer = Schema.Record("", new Field("status", Schema.Constant("live"), true)),
        },
        new("GET", "/health/ready", "ready", "Operation", "A model answers; 503 with the progress until then")
        {
            IsOpen = true,
            Answer = Schema.Record(
                "",
                new("status", Schema.Text("ready, loading, draining or failed."), true),
                new("progress", Schema.Number("Of loading.", 0, 1), true),
                new("instances", Schema.List("", Schema.Map("")), true)),
            Errors = ["NoInstance"],
        },
        new("GET", "/metrics", "metrics", "Operation", "Metrics")
        {
            OtherAnswer = ("text/plain", "Prometheus' text format."),
        },
        new("GET", "/cluster", "cluster", "Operation", "Silos and instances as this gateway knows them")
        {
            Answer = Schema.Record(
                "",
                new("fleet_version", Schema.Integer(""), true),
                new("nodes", Schema.List("", Schema.Map("")), true),
                new("instances", Schema.List("", Schema.Map("")), true),
                new("routing", Schema.Map(""), true),
                new("links", Schema.List("Pages about the cluster beside these.", Schema.Map("")), true)),
        },
        new("GET", "/cluster/integrity", "integrity", "Operation", "Every instance audits its books")
        {
            Answer = Schema.Record(
                "",
                new("instances", Schema.Integer("Instances asked."), true),
                new("faults", Schema.List("What was found; empty = sound.", Schema.Text("")), true)),
        },
        Page("/", "console", "The web console"),
        Page("/console/{name}", "consoleFile", "A file of the console") with
        {
            Parameters = [new("name", Schema.Text(""), IsPath: true)], Errors = ["UnknownRoute"],
        },
        new("GET",
            "/openapi.json", "openapi", "Operation", "This document") { IsOpen = true, Answer = Schema.Map("OpenAPI 3.1.") },
        Page("/docs", "docs", "This document as a page"),
        Page("/docs/{name}", "docsFile", "A file of that page") with
        {
            Parameters = [new("name", Schema.Text(""), IsPath: true)], Errors = ["UnknownRoute"],
        },
    ];

    private static Operation Page(string path, string id, string summary) =>
        new("GET", path, id, "Pages", summary) { IsOpen = true, OtherAnswer = ("text/html", "A static file.") };
}
