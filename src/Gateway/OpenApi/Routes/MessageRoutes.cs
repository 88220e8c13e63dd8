using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Anthropic's routes.</summary>
internal static class MessageRoutes
{
    private static readonly string[] Refused = ["mcp_servers", "container"];

    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("POST", "/v1/messages", "createMessage", "Anthropic", "Answers a chat, as Anthropic's API does")
        {
            Body = Schema.Input("A chat and how to answer it.",
            [
                .. Prompt(options),
                new("max_tokens", Schema.Integer("Most tokens to generate.", 1, GenerationParser.AnyTokenCount), true),
                GenerationFields.Stream(),
                GenerationFields.Temperature(1),
                GenerationFields.TopP(),
                new("top_k", Schema.Integer("Only so many best tokens; 0 = all.", 0, int.MaxValue)),
                new("output_config", Schema.Input("", [Effort(), new("format", Format())])),
                new("output_format", Format()),
                new("stop_sequences", Schema.List("Texts that end the output.", Schema.Text("", 256, 1), 16)),
                .. GenerationFields.Operation(),
            ], Refused),
            Example = new JsonObject
            {
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }), ["max_tokens"] = 8,
            },
            Answer = Schema.Reference("Message"),
            OtherAnswer = ("text/event-stream", "Anthropic's events, message_start to message_stop."),
            Errors = ErrorSchemas.OfRuns,
        },
        new("POST", "/v1/messages/count_tokens", "countTokens", "Anthropic", "Counts a chat's tokens")
        {
            Body = Schema.Input("A chat.", [.. Prompt(options), new("output_config", Schema.Input("", [Effort()])), Unused()], Refused),
            Example = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }) },
            Answer = Schema.Record("", new Field("input_tokens", Schema.Integer(""), true)),
            Errors = ErrorSchemas.OfModels,
        },
    ];

    private static Field Unused() => new("max_tokens", new JsonObject
    {
        ["description"] = "Only compared with the budget of thoughts.", ["x-passed"] = true,
    });

    private static Field OneCall() => new("disable_parallel_tool_use", Schema.Flag("At most one call in an answer."));

    private static Field Effort() => new("effort", Schema.Choice(
        "How much to think.", "low", "medium", "high", "xhigh", "max").With("x-depends", "the model's template"));

    private static JsonObject Format() => StructureFields.Free(Schema.Input("Form of the answer.",
    [
        new("type", Schema.Constant("json_schema"), true),
        new("schema", StructureFields.OfKind("json"), true),
        new("any_order", Schema.Flag("Properties may come in any order.")),
    ]));

    private static Field[] Prompt(GatewayOptions options) =>
    [
        GenerationFields.Model(),
        new("messages", Schema.List("The chat so far.", Schema.Reference("AnthropicMessage"), options.MaxMessages, 1), true),
        new("system", MessageSchemas.Texts("A system text.")),
        new("tools", Schema.List("Tools that may be called.", Schema.Reference("AnthropicTool"), 1024)),
        new("tool_choice", StructureFields.Free(Schema.Any(
            "Which tools are called; one that it names must be there.",
            Schema.Input("", [new("type", Schema.Choice("", "auto", "any", "none"), true), OneCall()]),
            Schema.Input("", [new("type", Schema.Constant("tool"), true), new("name", Schema.Text("", 256), true), OneCall()])))),
        new("thinking", StructureFields.Free(Schema.Any(
            "Whether to think.",
            Schema.Input("", [new("type", Schema.Choice("", "adaptive", "disabled"), true)]),
            Schema.Input("",
            [
                new("type", Schema.Constant("enabled"), true),
                new("budget_tokens", StructureFields.Free(Schema.Integer(
                    "Most tokens of thoughts, below max_tokens.", 1024, GenerationParser.AnyTokenCount)), true),
            ])))),
    ];
}
