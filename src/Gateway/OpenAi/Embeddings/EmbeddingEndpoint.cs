using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Embeddings;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.OpenAi.Embeddings;

/// <summary>POST /v1/embeddings.</summary>
internal sealed class EmbeddingEndpoint(BodyReader bodies, ModelCatalog models, EmbeddingRunner runner)
{
    public async Task HandleAsync(HttpContext context)
    {
        EmbeddingRequest request = await bodies.ReadAsync(context, EmbeddingParser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        EmbeddingRunner.Check(model);
        int size = request.Dimensions ?? model.Card.EmbeddingSize;
        if (size > model.Card.EmbeddingSize)
        {
            throw ApiException.Invalid(
                "dimensions",
                $"'dimensions' is {size}; the embeddings of '{model.Card.Name}' have {model.Card.EmbeddingSize} values, so it must be between 1 and that.");
        }

        ImmutableArray<ImmutableArray<int>> inputs;
        using (GatewayTrace.Step("text"))
        {
            inputs =
            [
                .. request.Inputs.Select(
                    i => i.Text is null ? i.Tokens : PromptEncoder.Encode(model, i.Text, request.AddSpecialTokens)),
            ];
        }

        (float[][] vectors, int tokens) = await runner.RunAsync(
            model, KeyUse.Apply(context, request.Parameters), inputs, "input", context.RequestAborted);
        await JsonAnswer.WriteAsync(context.Response, json => Write(json, model, request, vectors, size, tokens));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, EmbeddingRequest request, float[][] vectors, int size, int tokens)
    {
        json.WriteStartObject();
        json.WriteString(Names.Object, "list");
        json.WriteStartArray("data");
        for (int i = 0; i < vectors.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString(Names.Object, "embedding");
            json.WriteNumber(Names.Index, i);
            json.WritePropertyName("embedding");
            ReadOnlySpan<float> cut = vectors[i].AsSpan(0, size);
            WriteVector(json, request.IsNormalised ? Vectors.Normalise(cut) : cut, request.IsBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString(Names.Model, model.Card.Name);
        json.WriteStartObject(Names.Usage);
        json.WriteNumber(Names.PromptTokens, tokens);
        json.WriteNumber(Names.TotalTokens, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteVector(Utf8JsonWriter json, ReadOnlySpan<float> vector, bool isBase64)
    {
        if (isBase64)
        {
            json.WriteBase64StringValue(MemoryMarshal.AsBytes(vector));
            return;
        }

        json.WriteStartArray();
        foreach (float value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
