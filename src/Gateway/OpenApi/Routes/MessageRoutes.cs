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
                new("output_config", Schema.Input("", [new("format", Format())])),
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
            Body = Schema.Input("A chat.", Prompt(options), Refused),
            Example = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }) },
            Answer = Schema.Record("", new Field("input_tokens", Schema.Integer(""), true)),
            Errors = ErrorSchemas.OfModels,
        },
    ];

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
        new("tool_choice", StructureFields.Free(Schema.Input("Which tools are called; one that it names must be there.",
        [
            new("type", Schema.Choice("", "auto", "any", "tool", "none"), true),
            new Field("name", Schema.Text("Of the tool that is called, with type 'tool'.", 256)).Beside(new JsonObject { ["type"] = "tool" }),
            new("disable_parallel_tool_use", Schema.Flag("At most one call in an answer.")),
        ]))),
        new("thinking", Schema.Input("Whether to think.", [new("type", Schema.Choice("", "adaptive", "disabled"), true)])),
    ];
}
