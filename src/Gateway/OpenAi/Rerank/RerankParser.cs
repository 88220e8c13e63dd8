using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Embeddings;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Rerank;

/// <summary>JSON to <see cref="RerankRequest"/>: the fields of Jina and Cohere that vLLM takes.</summary>
internal static class RerankParser
{
    public static RerankRequest Parse(JsonFields body, GatewayOptions options)
    {
        PoolingFields.Refuse(body);
        string query = JsonValues.Text(body.Required("query"), "query");
        ImmutableArray<string> documents = ReadDocuments(body.Required("documents"), options.MaxEmbeddingInputs);

        // vLLM writes "all" as 0.
        int top = body.Int32("top_n", 0, GenerationParser.AnyTokenCount) is { } given and > 0 ? given : documents.Length;
        return new RerankRequest(
            PoolingFields.Read(body), query, documents, Math.Min(top, documents.Length), body.Flag("return_documents", absent: true));
    }

    private static ImmutableArray<string> ReadDocuments(JsonElement value, int most)
    {
        JsonValues.Array(value, "documents", most);
        return value.GetArrayLength() == 0
            ? throw ApiException.Invalid("documents", "'documents' is an empty array; at least one document is needed.")
            : [.. value.EnumerateArray().Select((item, i) => ReadDocument(item, $"documents[{i}]"))];
    }

    private static string ReadDocument(JsonElement item, string path) => item.ValueKind switch
    {
        JsonValueKind.String => JsonValues.Text(item, path),
        JsonValueKind.Object => JsonValues.Text(JsonFields.Of(item, path).Required("text"), path + ".text"),
        _ => throw JsonValues.WrongType(item, path, "a string or an object with 'text'"),
    };
}
