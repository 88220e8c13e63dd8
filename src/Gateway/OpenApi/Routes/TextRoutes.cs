using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Chat and text completions.</summary>
internal static class TextRoutes
{
    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("POST", "/v1/chat/completions", "createChatCompletion", "OpenAI", "Answers a chat")
        {
            Body = Schema.Input("A chat and how to answer it.",
            [
                .. ChatSchemas.Prompt(options),
                .. GenerationFields.Shared(options),
                new("logprobs", Schema.Flag("Log probabilities of the output's tokens.")),
                new Field("top_logprobs",
                    Schema.Integer("And of so many best ones.", 0, 20)).Beside(new JsonObject { ["logprobs"] = true }),
            ], GenerationFields.Refused),
            Example = new JsonObject
            {
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }), ["max_tokens"] = 8,
            },
            Answer = ChatSchemas.Completion(),
            OtherAnswer = ("text/event-stream", "chat.completion.chunk events, then [DONE]."),
            Errors = ErrorSchemas.OfRuns,
        },
        new("POST", "/v1/completions", "createCompletion", "OpenAI", "Goes on with texts")
        {
            Body = Schema.Input("Prompts and how to go on with them; prompts times n are limited as n is.",
            [
                new("prompt", Prompts("What to go on with.", options.MaxChoices), true),
                .. GenerationFields.Shared(options),
                new("echo", Schema.Flag("The prompt is part of the answer; then max_tokens may be 0.")),
                new("logprobs", Schema.Any(
                    "Log probabilities, and those of so many best tokens; false = none.",
                    Schema.Integer("", 0, 20), new JsonObject { ["const"] = false })),
                new("add_special_tokens", Schema.Flag("The tokenizer's special tokens.", absent: true)),
            ], GenerationFields.Refused),
            Example = new JsonObject { ["prompt"] = "Hello", ["max_tokens"] = 8 },
            Answer = Completion(),
            OtherAnswer = ("text/event-stream", "text_completion events, then [DONE]."),
            Errors = ErrorSchemas.OfRuns,
        },
    ];

    /// <summary>A text, texts, tokens, or lists of tokens.</summary>
    public static JsonObject Prompts(string about, int most) => Schema.Any(
        about,
        Schema.Text(""),
        Schema.List("", Schema.Text(""), most, 1),
        Tokens(),
        Schema.List("", Tokens(), most, 1));

    private static JsonObject Tokens() => Schema.List("Token ids.", Schema.Integer("", 0, int.MaxValue), least: 1);

    private static JsonObject Completion() => Schema.Record(
        "A completion.",
        new("id", Schema.Text(""), true),
        new("object", Schema.Constant("text_completion"), true),
        new("created", Schema.Integer("Unix time."), true),
        new("model", Schema.Text(""), true),
        new("choices", Schema.List("", Schema.Record(
            "",
            new("index", Schema.Integer(""), true),
            new("text", Schema.Text(""), true),
            new("logprobs", Schema.Any("", Schema.Record(
                "",
                new("tokens", Schema.List("", Schema.Text("")), true),
                new("token_logprobs", Schema.List("", Schema.Any("", Schema.Number(""), Schema.Null())), true),
                new("top_logprobs", Schema.Any(
                    "", Schema.List("", Schema.Any("", Schema.Map("", Schema.Number("")), Schema.Null())), Schema.Null()), true),
                new("text_offset", Schema.List("", Schema.Integer("")), true)), Schema.Null()), true),
            new("finish_reason", Schema.Choice("", "stop", "length"), true),
            ChatSchemas.StopReason())), true),
        new("usage", Schema.Reference("Usage"), true));
}
