using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Messages and answers of chats.</summary>
internal static class ChatSchemas
{
    private const int MaxName = 256;

    public static IEnumerable<(string Name, JsonObject Schema)> Components(GatewayOptions options) =>
    [
        ("ChatMessage", Message()),
        ("ChatTool", Tool()),
        ("Usage", Usage()),
        ("ChatLogprobs", Logprobs()),
    ];

    /// <summary>What goes into a template.</summary>
    public static Field[] Prompt(GatewayOptions options) =>
    [
        new("messages", Schema.List("The chat so far.", Schema.Reference("ChatMessage"), options.MaxMessages, 1), true),
        new("tools", Schema.List("Tools that may be called.", Schema.Reference("ChatTool"), 1024)),
        new("tool_choice", StructureFields.ToolChoice(nested: true)),
        new("parallel_tool_calls", Schema.Flag("More than one call in an answer.", absent: true)),
        new("continue_final_message",
            Schema.Flag("The answer goes on with the last message; then 'add_generation_prompt' is false.")),
        new("add_generation_prompt", Schema.Flag("The template begins the assistant's turn.", absent: true)),
        new("add_special_tokens", Schema.Flag("The tokenizer's special tokens beside those of the template.")),
        new("chat_template_kwargs", Schema.Map("Variables of the template.")),
        new("reasoning_effort", Schema.Text("How much to think, in the template's words: none, low, medium, high, ...", 32)),
        StructureFields.ThinkingBudget(),
    ];

    public static JsonObject Completion() => Schema.Record(
        "A chat completion.",
        new("id", Schema.Text(""), true),
        new("object", Schema.Constant("chat.completion"), true),
        new("created", Schema.Integer("Unix time."), true),
        new("model", Schema.Text(""), true),
        new("choices", Schema.List("", Schema.Record(
            "",
            new("index", Schema.Integer(""), true),
            new("message", Schema.Record(
                "",
                new("role", Schema.Constant("assistant"), true),
                new("content", Schema.Any("", Schema.Text(""), Schema.Null()), true),
                new("reasoning_content", Schema.Text("The thoughts before the answer.")),
                new("refusal", Schema.Null(), true),
                new("tool_calls", Schema.List("", Schema.Record(
                    "",
                    new("id", Schema.Text(""), true),
                    new("type", Schema.Constant("function"), true),
                    new("function", Schema.Record(
                        "", new("name", Schema.Text(""), true), new("arguments", Schema.Text("JSON."), true)), true)))))
                , true),
            new("logprobs", Schema.Any("", Schema.Reference("ChatLogprobs"), Schema.Null()), true),
            new("finish_reason", Schema.Choice("", "stop", "length", "tool_calls"), true),
            StopReason())), true),
        new("usage", Schema.Reference("Usage"), true));

    public static Field StopReason() => new("stop_reason", Schema.Any(
        "The stop text, or the request's stop token, that ended it.", Schema.Text(""), Schema.Integer(""), Schema.Null()), true);

    private static JsonObject Message() => Schema.Input("A message of a chat.",
    [
        new("role", Schema.Choice("", "system", "developer", "user", "assistant", "tool"), true),
        new("content", Schema.Any(
            "A text, or parts of text; not needed beside tool calls.",
            Schema.Text(""),
            Schema.List("", Schema.Any(
                "",
                Schema.Text(""),
                Schema.Input("", [new("type", Schema.Constant("text"), true), new("text", Schema.Text(""), true)]),
                Schema.Input("", [new("type",
                    Schema.Constant("refusal"), true), new("refusal", Schema.Text(""), true)])), 4096, 1)), true),
        new("name", Schema.Text("Of the speaker.", MaxName)),
        new("tool_call_id", Schema.Text("The call that a tool's message answers.", MaxName)),
        new("reasoning_content", Schema.Text("Thoughts before an assistant's message.")),
        new("reasoning", Schema.Text("The same, under vLLM's newer name.")),
        new Field("tool_calls", Schema.List("Calls that an assistant made.", Schema.Input("",
        [
            new("id", Schema.Text("", MaxName)),
            new("type", Schema.Constant("function")),
            new("function", Schema.Input("",
            [
                new("name", Schema.Text("", MaxName), true),
                new("arguments", Schema.Any("JSON as a text, or the object.", Schema.Text(""), Schema.Map(""))),
            ]), true),
        ]), 1024)).Beside(new JsonObject { ["role"] = "assistant" }),
    ]);

    private static JsonObject Tool() => Schema.Input("A tool.",
    [
        new("type", Schema.Constant("function"), true),
        new("function", Schema.Input("",
        [
            new("name", Schema.Text("", MaxName, 1), true),
            new("description", Schema.Text("What it does.")),
            new("parameters", Schema.Map("JSON schema of its arguments.")),
            new("strict", Schema.Flag("Its calls' arguments fit the schema.")),
        ]), true),
    ]);

    private static JsonObject Usage() => Schema.Record(
        "Tokens.",
        new("prompt_tokens", Schema.Integer(""), true),
        new("completion_tokens", Schema.Integer(""), true),
        new("total_tokens", Schema.Integer(""), true),
        new("prompt_tokens_details",
            Schema.Record("", new Field("cached_tokens", Schema.Integer("From the prefix cache."), true)), true));

    private static JsonObject Logprobs()
    {
        Field[] Token() =>
        [
            new("token", Schema.Text(""), true),
            new("logprob", Schema.Number(""), true),
            new("bytes", Schema.List("", Schema.Integer("")), true),
        ];
        return Schema.Record(
            "Log probabilities of the output's tokens.",
            new("content", Schema.List("", Schema.Record(
                "", [.. Token(), new("top_logprobs", Schema.List("", Schema.Record("", Token())), true)])), true),
            new("refusal", Schema.Null(), true));
    }
}
