using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Requests that were, and API keys.</summary>
internal static class AdminRoutes
{
    private const int MaxName = 64;

    public static IEnumerable<Operation> All =>
    [
        new("GET",
            "/cluster/requests", "listRequests", "Operation", "This gateway's newest requests, without texts; a key sees its own")
        {
            Parameters = [new("limit", Schema.Integer("Items of the page.", 1, 1000))],
            Answer = Schema.Record(
                "",
                new("object", Schema.Constant("list"), true),
                new("data", Schema.List("", Schema.Reference("HouseRequest")), true),
                new("has_more", Schema.Flag(""), true)),
            Errors = ["InvalidValue"],
        },
        new("GET", "/cluster/requests/{id}", "getRequest", "Operation", "A request's steps")
        {
            Parameters = [new("id", Schema.Text("The request's id, or its answer's."), IsPath: true)],
            Answer = Schema.Reference("HouseRequest"),
            Errors = ["UnknownRequest"],
        },
        new("GET",
            "/cluster/prefixes", "listPrefixes", "Operation", "Beginnings of prompts the cluster has KV of: hashes and counts; with keys, for admins")
        {
            Parameters = [new("limit", Schema.Integer("Most segments.", 1, 2000))],
            Answer = Schema.Record(
                "",
                new("block_tokens", Schema.Integer(""), true),
                new("blocks", Schema.Integer(""), true),
                new("chains", Schema.Integer(""), true),
                new("segments", Schema.List("", Schema.Map("")), true)),
            Errors = ["AdminOnly", "InvalidValue"],
        },
        new("GET", "/cluster/keys", "listKeys", "Operation", "API keys, their limits and use; needs an admin's key")
        {
            Answer = Schema.Record(
                "",
                new("object", Schema.Constant("list"), true),
                new("keys_needed", Schema.Flag("Keys are on."), true),
                new("data", Schema.List("", Schema.Reference("ApiKey")), true)),
            Errors = ["AdminOnly"],
        },
        new("POST", "/cluster/keys", "createKey", "Operation", "Makes an API key, told once; needs an admin's key")
        {
            Body = Schema.Input("A key.",
            [
                new("name", Schema.Text("Letters, digits, dots, hyphens and underscores.", MaxName, 1)
                    .With("pattern", "^[A-Za-z0-9._-]+$").With("x-depends", "the keys there are").With("examples", new JsonArray("ci")), true),
                new("requests_per_minute", Schema.Integer("Limit.", 1, 1_000_000)),
                new("tokens_per_minute", Schema.Integer("Limit.", 1, 1_000_000_000)),
                new("concurrency", Schema.Integer("Requests at a time.", 1, 1_000_000)),
                new("priority", Schema.Choice("Highest class of its requests.", "interactive", "normal", "batch")),
                new("admin", Schema.Flag("It may manage keys.")),
            ]),
            Example = new JsonObject { ["name"] = "ci", ["requests_per_minute"] = 60 },
            Answer = Schema.Reference("ApiKey"),
            Errors = ["AdminOnly", "KeysNotWritten"],
        },
        new("DELETE", "/cluster/keys/{name}", "deleteKey", "Operation", "Removes an API key; needs an admin's key")
        {
            Parameters = [new("name", Schema.Text("Its name."), IsPath: true)],
            Answer = Schema.Record("", new("name", Schema.Text(""), true), new("deleted", Schema.Flag(""), true)),
            Errors = ["AdminOnly", "UnknownKey", "InvalidValue", "KeysNotWritten"],
        },
    ];

    public static IEnumerable<(string Name, JsonObject Schema)> Components =>
    [
        ("ApiKey", Schema.Record(
            "A key; 'key' itself only in the answer to its making.",
            new("key", Schema.Text("")),
            new("name", Schema.Text(""), true),
            new("created_at", Schema.Integer("Unix time."), true),
            new("admin", Schema.Flag(""), true),
            new("priority", Schema.Text(""), true),
            new("own", Schema.Flag("It is the one that asks."), true),
            new("requests_per_minute", Schema.Any("", Schema.Integer(""), Schema.Null()), true),
            new("tokens_per_minute", Schema.Any("", Schema.Integer(""), Schema.Null()), true),
            new("concurrency", Schema.Any("", Schema.Integer(""), Schema.Null()), true),
            new("usage", Schema.Map("Since this gateway's start."), true))),
        ("HouseRequest", Schema.Record(
            "A request as its gateway saw it; times in seconds.",
            new("id", Schema.Text(""), true),
            new("model", Schema.Text(""), true),
            new("state", Schema.Text(""), true),
            new("received_at", Schema.Number("Unix time."), true),
            new("prompt_tokens", Schema.Integer(""), true),
            new("generated_tokens", Schema.Integer(""), true),
            new("elapsed_seconds", Schema.Number(""), true),
            new("steps", Schema.List("Of a single request.", Schema.Map(""))))),
    ];
}
