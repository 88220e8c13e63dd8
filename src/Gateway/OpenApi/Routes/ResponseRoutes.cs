using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>/v1/responses and what is stored of them.</summary>
internal static class ResponseRoutes
{
    private static readonly string[] Stored = ["UnknownResponse", "InvalidValue", "Unsupported"];

    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("POST", "/v1/responses", "createResponse", "OpenAI", "Answers a conversation, and keeps it")
        {
            Body = Schema.Input("Input and how to answer it.",
            [
                GenerationFields.Model(),
                new("input", Schema.Any(
                    "A user's text, or items.", Schema.Text(""), Schema.List("", Schema.Reference("InputItem"), options.MaxMessages, 1)), true),
                new("instructions", Schema.Text("A system text for this response alone.")),
                new("previous_response_id",
                    Schema.Text("The stored response that this one goes on from.", 256).With("x-depends", "stored responses")),
                GenerationFields.Stream(),
                new("store", Schema.Flag("It can be asked for later.", absent: true)),
                new("background", Schema.Flag("It is answered at once and runs on; not with 'stream', nor without 'store'.")),
                new("max_output_tokens", Schema.Integer("Most tokens to generate.", 1, GenerationParser.AnyTokenCount)),
                GenerationFields.Temperature(2),
                GenerationFields.TopP(),
                new("cache_salt", Schema.Text("Keeps the prefix cache apart.", 256)),
                .. GenerationFields.Operation(),
                new("tools", Schema.List("Tools that may be called.", Schema.Reference("ResponseTool"), 1024)),
                new("tool_choice", StructureFields.ToolChoice(nested: false)),
                new("parallel_tool_calls", Schema.Flag("More than one call in an answer.", absent: true)),
                new("reasoning", Schema.Input("", [new("effort", Schema.Text("How much to think.", 32))])),
                StructureFields.ThinkingBudget(),
                new("metadata", Schema.Map("Kept with it.", Schema.Text("", 512), 16)),
                new("truncation", Schema.Constant("disabled")),
                new("top_logprobs", Schema.Integer("Must be 0 here.", 0, 20).With("const", 0)),
                new("text", Schema.Input("", [new("format", StructureFields.Typed(nested: false))])),
            ], "conversation", "prompt", "max_tool_calls", "context_management"),
            Example = new JsonObject { ["input"] = "Hi", ["max_output_tokens"] = 8 },
            Answer = Schema.Reference("Response"),
            OtherAnswer = ("text/event-stream", "OpenAI's events, response.created to response.completed."),
            Errors = ErrorSchemas.OfRuns,
        },
        new("GET", "/v1/responses/{id}", "getResponse", "OpenAI", "A stored response")
        {
            Parameters = [Id(), new("stream", Schema.Choice("Events are not kept.", "false"))],
            Answer = Schema.Reference("Response"),
            Errors = Stored,
        },
        new("DELETE", "/v1/responses/{id}", "deleteResponse", "OpenAI", "Forgets a response, and ends it where it runs")
        {
            Parameters = [Id()],
            Answer = Schema.Record(
                "",
                new("id",
                    Schema.Text(""), true), new("object", Schema.Constant("response"), true), new("deleted", Schema.Flag(""), true)),
            Errors = Stored,
        },
        new("POST", "/v1/responses/{id}/cancel", "cancelResponse", "OpenAI", "Ends a response that runs in the background")
        {
            Parameters = [Id()],
            Answer = Schema.Reference("Response"),
            Errors = Stored,
        },
        new("GET", "/v1/responses/{id}/input_items", "listInputItems", "OpenAI", "What a response was made from")
        {
            Parameters =
            [
                Id(),
                new("limit", Schema.Integer("Items of a page.", 1, 100)),
                new("order", Schema.Choice("", "asc", "desc")),
                new("after", Schema.Text("Items after this id.")),
            ],
            Answer = Schema.Reference("ItemList"),
            Errors = Stored,
        },
    ];

    private static Parameter Id() => new("id", Schema.Text("Of the response."), IsPath: true);
}
