using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.Anthropic;

/// <summary>A message as one JSON object.</summary>
internal sealed class MessageAnswer(HttpResponse response, string id, string model, AnswerReading reading)
{
    public async Task WriteAsync(GenerationSession session)
    {
        var collected = new CollectedChoice();
        while (await session.NextAsync() is { } choice)
        {
            collected.Add(choice.Delta);
        }

        await JsonAnswer.WriteAsync(response, json => Write(json, session.Choices[0], collected));
    }

    private void Write(Utf8JsonWriter json, Choice choice, CollectedChoice collected)
    {
        json.WriteStartObject();
        MessageJson.WriteHead(json, id, model);
        json.WriteStartArray("content");
        WriteContent(json, collected);
        json.WriteEndArray();
        MessageJson.WriteStop(json, choice);
        MessageJson.WriteUsage(json, choice);
        json.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter json, CollectedChoice collected)
    {
        if (collected.Reasoning.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type", "thinking");
            json.WriteString("thinking", collected.Reasoning.ToString());
            json.WriteString("signature", "");
            json.WriteEndObject();
        }

        if (collected.Text.Length > 0)
        {
            WriteText(json, collected.Text.ToString());
        }

        foreach (CollectedCall call in collected.Calls)
        {
            string arguments = call.Arguments.ToString();
            if (!MessageJson.IsObject(arguments))
            {
                // Cut off by max_tokens: the block's input must be an object, and this is none.
                WriteText(json, $"{call.Name}({arguments}");
                continue;
            }

            json.WriteStartObject();
            json.WriteString("type", "tool_use");
            json.WriteString("id", reading.NewCallId("toolu_"));
            json.WriteString("name", call.Name);
            json.WritePropertyName("input");
            json.WriteRawValue(arguments);
            json.WriteEndObject();
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
    }
}
