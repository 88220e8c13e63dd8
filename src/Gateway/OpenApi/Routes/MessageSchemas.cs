using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Anthropic's messages.</summary>
internal static class MessageSchemas
{
    private const int MaxName = 256;
    private const int MaxBlocks = 4096;

    public static IEnumerable<(string Name, JsonObject Schema)> Components =>
    [
        ("AnthropicMessage", Schema.Any("A turn.", User(), Assistant())),
        ("AnthropicTool", Tool()),
        ("Message", Message()),
    ];

    /// <summary>A text, or text blocks.</summary>
    public static JsonObject Texts(string about) =>
        Schema.Any(about, Schema.Text(""), Schema.List("", TextBlock(), MaxBlocks, 1));

    private static JsonObject User() => Schema.Input("",
    [
        new("role", Schema.Constant("user"), true),
        new("content", Schema.Any("", Schema.Text(""), Schema.List("", Schema.Any(
            "",
            TextBlock(),
            Schema.Input("A tool's result.",
            [
                new("type", Schema.Constant("tool_result"), true),
                new("tool_use_id", Schema.Text("", MaxName), true),
                new("content", Texts("")),
                new("is_error", Schema.Flag("It failed.")),
            ])), MaxBlocks, 1)), true),
    ]);

    private static JsonObject Assistant() => Schema.Input("",
    [
        new("role", Schema.Constant("assistant"), true),
        new("content", Schema.Any("", Schema.Text("", least: 1), Schema.List("", Schema.Any(
            "",
            TextBlock(),
            Schema.Input("", [new("type", Schema.Constant("thinking"), true), new("thinking", Schema.Text(""), true)]),
            Schema.Input("", [new("type", Schema.Constant("redacted_thinking"), true)]),
            Schema.Input("",
            [
                new("type", Schema.Constant("tool_use"), true),
                new("id", Schema.Text("", MaxName), true),
                new("name", Schema.Text("", MaxName), true),
                new("input", Schema.Map("Arguments."), true),
            ])), MaxBlocks, 1)), true),
    ]);

    private static JsonObject TextBlock() =>
        Schema.Input("", [new("type", Schema.Constant("text"), true), new("text", Schema.Text(""), true)]);

    private static JsonObject Tool() => Schema.Input("A tool.",
    [
        new("type", Schema.Constant("custom")),
        new("name", Schema.Text("", MaxName, 1), true),
        new("description", Schema.Text("What it does.")),
        new("input_schema", Schema.Map("JSON schema of its arguments."), true),
        new("strict", Schema.Flag("Its calls' arguments fit the schema.")),
    ]);

    private static JsonObject Message() => Schema.Record(
        "A message.",
        new("id", Schema.Text(""), true),
        new("type", Schema.Constant("message"), true),
        new("role", Schema.Constant("assistant"), true),
        new("model", Schema.Text(""), true),
        new("content", Schema.List("Blocks of text, thinking and tool_use.", Schema.Record(
            "", new Field("type", Schema.Choice("", "text", "thinking", "tool_use"), true))), true),
        new("stop_reason", Schema.Choice("", "end_turn", "max_tokens", "stop_sequence", "tool_use"), true),
        new("stop_sequence", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("usage", Schema.Record(
            "",
            new("input_tokens", Schema.Integer("Without those read from the cache."), true),
            new("cache_creation_input_tokens", Schema.Integer(""), true),
            new("cache_read_input_tokens", Schema.Integer(""), true),
            new("output_tokens", Schema.Integer(""), true)), true));
}
