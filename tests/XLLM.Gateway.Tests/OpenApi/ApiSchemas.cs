using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.OpenApi;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>The document, as tests read it.</summary>
internal sealed class ApiSchemas(JsonObject document)
{
    public static ApiSchemas Of(GatewayOptions options) => new(ApiDocument.Build(options));

    public JsonObject Document => document;

    /// <summary>Method, path and operation of everything in it.</summary>
    public IEnumerable<(string Method, string Path, JsonObject Operation)> Operations =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(m => (m.Key.ToUpperInvariant(), p.Key, m.Value!.AsObject())));

    /// <summary>A schema, or the component that it refers to.</summary>
    public JsonObject Resolve(JsonNode schema) => schema["$ref"]?.GetValue<string>() is { } name
        ? document["components"]!["schemas"]![name.Split('/')[^1]]!.AsObject()
        : schema.AsObject();

    /// <summary>Schema of an operation's JSON body; null = it takes none.</summary>
    public static JsonObject? BodyOf(JsonObject operation) =>
        operation["requestBody"]?["content"]?["application/json"]?["schema"]?.AsObject();

    /// <summary>Schema of the JSON of an answer; null = it is of another type.</summary>
    public static JsonObject? AnswerOf(JsonObject operation, int status) =>
        operation["responses"]?[status.ToString(System.Globalization.CultureInfo.InvariantCulture)]?["content"]?["application/json"]?["schema"]
            ?.AsObject();
}
