using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Models and their tokens.</summary>
internal static class ModelRoutes
{
    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("GET", "/v1/models", "listModels", "OpenAI", "The served models")
        {
            Answer = Schema.Record("", new("object", Schema.Constant("list"), true),
                new("data", Schema.List("", Model()), true),
                new("has_more", Schema.Flag(""), true)),
        },
        new("GET", "/v1/models/{id}", "getModel", "OpenAI", "A served model; its name may have slashes")
        {
            Parameters = [new("id", Schema.Text("Name."), IsPath: true)],
            Answer = Model(),
            Errors = ["ModelNotFound", "NoInstance"],
        },
        new("POST", "/tokenize", "tokenize", "vLLM", "A text or chat to tokens")
        {
            Body = Schema.Any(
                "Either a text or a chat.",
                Schema.Input("", [.. Common(), new("prompt", Schema.Text("A text."), true), Special(absent: true)]),
                Schema.Input("", [.. Common(), .. ChatSchemas.Prompt(options)])),
            Example = new JsonObject { ["prompt"] = "Hello" },
            Answer = Schema.Record(
                "",
                new("count", Schema.Integer(""), true),
                new("max_model_len", Schema.Integer("The model's context."), true),
                new("tokens", Schema.List("", Schema.Integer("")), true),
                new("token_strs", Schema.Any("", Schema.List("", Schema.Text("")), Schema.Null()), true)),
            Errors = ErrorSchemas.OfModels,
        },
        new("POST", "/detokenize", "detokenize", "vLLM", "Tokens to a text")
        {
            Body = Schema.Input("",
            [
                GenerationFields.Model(),
                new("tokens", Schema.List("Token ids.", Schema.Integer("", 0, int.MaxValue)), true),
            ]),
            Example = new JsonObject { ["tokens"] = new JsonArray(72, 105) },
            Answer = Schema.Record("", new Field("prompt", Schema.Text(""), true)),
            Errors = ErrorSchemas.OfModels,
        },
    ];

    private static Field[] Common() => [GenerationFields.Model(), new("return_token_strs",
        Schema.Flag("The tokens' texts too."))];

    private static Field Special(bool absent) => new("add_special_tokens",
        Schema.Flag("The tokenizer's special tokens.", absent));

    private static JsonObject Model() => Schema.Record(
        "A model.",
        new("id", Schema.Text("Name."), true),
        new("object", Schema.Constant("model"), true),
        new("created", Schema.Integer("Unix time at which this gateway began."), true),
        new("owned_by", Schema.Text(""), true),
        new("root", Schema.Text(""), true),
        new("parent", Schema.Null(), true),
        new("max_model_len", Schema.Integer("Longest sequence in tokens."), true),
        new("type", Schema.Constant("model"), true),
        new("display_name", Schema.Text("Anthropic's name for it."), true),
        new("created_at", Schema.Text("The same time as text."), true));
}
