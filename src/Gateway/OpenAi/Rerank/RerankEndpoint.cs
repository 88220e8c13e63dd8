using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Embeddings;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.OpenAi.Rerank;

/// <summary>
/// POST /v1/rerank: a document's score is the cosine between its embedding and the query's, as vLLM scores with models that
/// embed. Models with a rank head are not run.
/// </summary>
internal sealed class RerankEndpoint(BodyReader bodies, ModelCatalog models, EmbeddingRunner runner)
{
    public async Task HandleAsync(HttpContext context)
    {
        RerankRequest request = await bodies.ReadAsync(context, RerankParser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        EmbeddingRunner.Check(model);
        ImmutableArray<ImmutableArray<int>> texts;
        using (GatewayTrace.Step("text"))
        {
            texts = [.. request.Documents.Append(request.Query).Select(t => PromptEncoder.Encode(model, t, addSpecialTokens: true))];
        }

        TokenChecks.CheckPrompt(texts[^1], model.Card.VocabularySize, "query");
        (float[][] vectors, int tokens) = await runner.RunAsync(
            model, KeyUse.Apply(context, request.Parameters), texts, "documents", context.RequestAborted);
        (int Index, double Score)[] best =
        [
            .. vectors[..^1]
                .Select((v, i) => (Index: i, Score: Vectors.Cosine(v, vectors[^1])))
                .OrderByDescending(d => d.Score)
                .ThenBy(d => d.Index)
                .Take(request.Top),
        ];
        await JsonAnswer.WriteAsync(context.Response, json => Write(json, model, request, best, tokens));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, RerankRequest request, (int Index, double Score)[] best, int tokens)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, "rerank-" + Guid.NewGuid().ToString("N"));
        json.WriteString(Names.Model, model.Card.Name);
        json.WriteStartObject(Names.Usage);
        json.WriteNumber(Names.TotalTokens, tokens);
        json.WriteEndObject();
        json.WriteStartArray("results");
        foreach ((int index, double score) in best)
        {
            json.WriteStartObject();
            json.WriteNumber(Names.Index, index);
            if (request.ReturnsDocuments)
            {
                json.WriteStartObject("document");
                json.WriteString("text", request.Documents[index]);
                json.WriteEndObject();
            }

            json.WriteNumber("relevance_score", score);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
