using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Items and responses of /v1/responses.</summary>
internal static class ResponseSchemas
{
    private const int MaxName = 256;

    public static IEnumerable<(string Name, JsonObject Schema)> Components =>
    [
        ("InputItem", InputItem()),
        ("ResponseTool", Tool()),
        ("Response", Response()),
        ("ItemList", ItemList()),
    ];

    private static JsonObject InputItem() => Schema.Any(
        "A turn, a call, a call's result, or thoughts.",
        Schema.Input("",
        [
            new("type", Schema.Constant("message")),
            new("id", Schema.Text("", MaxName)),
            new("role", Schema.Choice("", "user", "assistant", "system", "developer"), true),
            new("content", Content("input_text", "output_text", "text"), true),
        ]),
        Schema.Input("",
        [
            new("type", Schema.Constant("function_call"), true),
            new("id", Schema.Text("", MaxName)),
            new("call_id", Schema.Text("", MaxName), true),
            new("name", Schema.Text("", MaxName), true),
            new("arguments", Schema.Text("JSON."), true),
        ]),
        Schema.Input("",
        [
            new("type", Schema.Constant("function_call_output"), true),
            new("id", Schema.Text("", MaxName)),
            new("call_id", Schema.Text("", MaxName), true),
            new("output", Content("input_text", "text"), true),
        ]),
        Schema.Input("",
        [
            new("type", Schema.Constant("reasoning"), true),
            new("id", Schema.Text("", MaxName)),
            new("content", Content("reasoning_text", "summary_text")),
        ]));

    private static JsonObject Content(params string[] types) => Schema.Any(
        "A text, or parts of text.",
        Schema.Text(""),
        Schema.List("", Schema.Any(
            "",
            Schema.Input("", [new("type", Schema.Choice("", types), true), new("text", Schema.Text(""), true)]),
            Schema.Input("", [new("type", Schema.Constant("refusal"), true), new("refusal", Schema.Text(""), true)])), 4096));

    private static JsonObject Tool() => Schema.Input("A tool.",
    [
        new("type", Schema.Constant("function"), true),
        new("name", Schema.Text("", MaxName, 1), true),
        new("description", Schema.Text("What it does.")),
        new("parameters", Schema.Map("JSON schema of its arguments.")),
        new("strict", Schema.Flag("Its calls' arguments fit the schema.")),
    ]);

    private static JsonObject Response() => Schema.Record(
        "A response.",
        new("id", Schema.Text(""), true),
        new("object", Schema.Constant("response"), true),
        new("created_at", Schema.Integer("Unix time."), true),
        new("status", Schema.Choice("", "queued", "in_progress", "completed", "incomplete", "failed", "cancelled"), true),
        new("background", Schema.Flag(""), true),
        new("error", Schema.Any("", Schema.Record(
            "", new("code", Schema.Text(""), true), new("message", Schema.Text(""), true)), Schema.Null()), true),
        new("incomplete_details",
            Schema.Any("", Schema.Record("", new Field("reason", Schema.Text(""), true)), Schema.Null()), true),
        new("model", Schema.Text(""), true),
        new("output", Schema.List("Messages, thoughts and calls.", Schema.Map("")), true),
        new("previous_response_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("metadata", Schema.Map(""), true),
        new("usage", Schema.Any("", Schema.Record(
            "",
            new("input_tokens", Schema.Integer(""), true),
            new("output_tokens", Schema.Integer(""), true),
            new("total_tokens", Schema.Integer(""), true)), Schema.Null()), true));

    private static JsonObject ItemList() => Schema.Record(
        "A page of items.",
        new("object", Schema.Constant("list"), true),
        new("data", Schema.List("", Schema.Map("")), true),
        new("first_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("last_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("has_more", Schema.Flag(""), true));
}
