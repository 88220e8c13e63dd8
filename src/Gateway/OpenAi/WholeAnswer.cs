using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.OpenAi;

/// <summary>Collects an answer and writes it as one JSON object.</summary>
internal sealed class WholeAnswer(HttpResponse response, AnswerHead head, IAnswerShape shape)
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a submitted session to its end, then answers.</summary>
    public async Task WriteAsync(GenerationSession session)
    {
        CollectedChoice[] collected = [.. session.Choices.Select(_ => new CollectedChoice())];
        while (await session.NextAsync() is { } choice)
        {
            collected[choice.Index].Add(choice.Delta);
        }

        response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(response.BodyWriter, JsonOptions))
        {
            Write(json, session, collected);
        }

        await response.BodyWriter.FlushAsync();
    }

    private void Write(Utf8JsonWriter json, GenerationSession session, CollectedChoice[] collected)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, head.Id);
        json.WriteString(Names.Object, shape.WholeObject);
        json.WriteNumber(Names.Created, head.Created);
        json.WriteString(Names.Model, head.Model.Card.Name);
        json.WriteStartArray(Names.Choices);
        foreach (Choice choice in session.Choices)
        {
            json.WriteStartObject();
            json.WriteNumber(Names.Index, choice.Index);
            shape.WriteWhole(json, choice, collected[choice.Index]);
            FinishReasons.Write(json, choice, head.Model.Card.EndTokens);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName(Names.Usage);
        AnswerUsage.Of(session.Choices, head.Parameters.Choices, head.Parameters.MaxTokens == 0).Write(json);
        json.WriteEndObject();
    }
}
