using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Embeddings and what is made of them.</summary>
internal static class VectorRoutes
{
    private static readonly string[] Refused = ["truncate_prompt_tokens"];

    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("POST", "/v1/embeddings", "createEmbeddings", "OpenAI", "Texts to vectors")
        {
            Body = Schema.Input("Texts or tokens.",
            [
                GenerationFields.Model(),
                new("input", TextRoutes.Prompts("What to embed.", options.MaxEmbeddingInputs), true),
                new("encoding_format", Schema.Choice("Numbers, or base64 of little-endian float32.", "float", "base64")),
                new("dimensions", Schema.Integer(
                    "Values to keep, from the first, at most the model's; the vector has length 1 again.", 1, GenerationParser.AnyTokenCount)
                    .With("x-depends", "the model")),
                new("normalize", Schema.Flag("Vectors have length 1.", absent: true)),
                new("user", Schema.Text("Not used.", 512)),
                new("add_special_tokens", Schema.Flag("The tokenizer's special tokens.", absent: true)),
                GenerationFields.Salt(),
                .. GenerationFields.Operation(),
            ], Refused),
            Example = new JsonObject { ["input"] = "Hello" },
            Answer = Schema.Record(
                "Vectors, in the order of the inputs.",
                new("object", Schema.Constant("list"), true),
                new("data", Schema.List("", Schema.Record(
                    "",
                    new("object", Schema.Constant("embedding"), true),
                    new("index", Schema.Integer(""), true),
                    new("embedding", Schema.Any("", Schema.List("", Schema.Number("")), Schema.Text("base64")), true))), true),
                new("model", Schema.Text(""), true),
                new("usage", Schema.Record(
                    "", new("prompt_tokens", Schema.Integer(""), true), new("total_tokens", Schema.Integer(""), true)), true)),
            Errors = ErrorSchemas.OfRuns,
        },
        Rerank("/v1/rerank", "rerank", options),
        Rerank("/rerank", "rerankAlias", options),
    ];

    private static Operation Rerank(string path, string id, GatewayOptions options) =>
        new("POST", path, id, "OpenAI", "Orders documents by the cosine of their embeddings with the query's")
        {
            Body = Schema.Input("As Jina's, Cohere's and vLLM's.",
            [
                GenerationFields.Model(),
                new("query", Schema.Text(""), true),
                new("documents", Schema.List("", Schema.Any(
                    "", Schema.Text(""), Schema.Input("", [new("text",
                        Schema.Text(""), true)])), options.MaxEmbeddingInputs, 1), true),
                new("top_n", Schema.Integer("So many best ones; 0 = all.", 0, GenerationParser.AnyTokenCount)),
                new("return_documents", Schema.Flag("The answer has the documents' texts.", absent: true)),
                GenerationFields.Salt(),
                .. GenerationFields.Operation(),
            ], Refused),
            Example = new JsonObject { ["query"] = "Hello", ["documents"] = new JsonArray("Hi", "Bye") },
            Answer = Schema.Record(
                "The best first.",
                new("id", Schema.Text(""), true),
                new("model", Schema.Text(""), true),
                new("usage", Schema.Record("", new Field("total_tokens", Schema.Integer(""), true)), true),
                new("results", Schema.List("", Schema.Record(
                    "",
                    new("index", Schema.Integer(""), true),
                    new("document", Schema.Record("", new Field("text", Schema.Text(""), true))),
                    new("relevance_score", Schema.Number("Cosine."), true))), true)),
            Errors = ErrorSchemas.OfRuns,
        };
}
