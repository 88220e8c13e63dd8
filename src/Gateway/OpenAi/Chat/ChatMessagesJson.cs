using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Checked messages as the JSON that chat templates are written for.</summary>
internal static class ChatMessagesJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An array of objects. With <paramref name="developerIsSystem"/> the newer role is written as the older one.</summary>
    public static JsonDocument Build(ImmutableArray<ChatMessage> messages, bool developerIsSystem)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (ChatMessage message in messages)
            {
                Write(json, message, developerIsSystem);
            }

            json.WriteEndArray();
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, ChatMessage message, bool developerIsSystem)
    {
        json.WriteStartObject();
        json.WriteString("role", developerIsSystem && message.Role == "developer" ? "system" : message.Role);
        json.WriteString("content", message.Content);
        WriteIfGiven(json, "name", message.Name);
        WriteIfGiven(json, "tool_call_id", message.ToolCallId);
        WriteIfGiven(json, "reasoning_content", message.Reasoning);
        if (message.ToolCalls.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray("tool_calls");
            foreach (JsonElement call in message.ToolCalls.EnumerateArray())
            {
                WriteCall(json, call);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, JsonElement call)
    {
        json.WriteStartObject();
        foreach (JsonProperty property in call.EnumerateObject())
        {
            if (property.NameEquals("function"))
            {
                json.WriteStartObject("function");
                foreach (JsonProperty part in property.Value.EnumerateObject())
                {
                    json.WritePropertyName(part.Name);
                    WriteFunctionPart(json, part);
                }

                json.WriteEndObject();
            }
            else
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    // The API sends arguments as a text of JSON; templates expect the object, as vLLM gives them.
    private static void WriteFunctionPart(Utf8JsonWriter json, JsonProperty part)
    {
        if (part.NameEquals("arguments") && part.Value.ValueKind == JsonValueKind.String)
        {
            try
            {
                using JsonDocument arguments = JsonDocument.Parse(part.Value.GetString()!);
                if (arguments.RootElement.ValueKind == JsonValueKind.Object)
                {
                    JsonValues.CheckTexts(arguments.RootElement, "arguments");
                    arguments.RootElement.WriteTo(json);
                    return;
                }
            }
            catch (Exception exception) when (exception is JsonException or Errors.ApiException)
            {
                // Not JSON: the template gets the text as it is.
            }
        }

        part.Value.WriteTo(json);
    }

    private static void WriteIfGiven(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
