using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Responses;

/// <summary>Reads <c>input</c> into items with ids, as they are stored and listed.</summary>
internal static class InputItems
{
    public static ImmutableArray<string> Read(JsonElement input, int maxItems)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            string text = JsonValues.Text(input, "input");
            return
            [
                ItemJson.Write(json =>
                {
                    json.WriteString("id", ResponseIds.New("msg_"));
                    json.WriteString("type", "message");
                    json.WriteString("status", "completed");
                    json.WriteString("role", "user");
                    json.WriteStartArray("content");
                    json.WriteStartObject();
                    json.WriteString("type", "input_text");
                    json.WriteString("text", text);
                    json.WriteEndObject();
                    json.WriteEndArray();
                }),
            ];
        }

        if (input.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(input, "input", "a string or an array of items");
        }

        if (JsonValues.Array(input, "input", maxItems).GetArrayLength() == 0)
        {
            throw ApiException.Invalid("input", "'input' is an empty array; it needs at least one item.");
        }

        JsonValues.CheckTexts(input, "input");
        return [.. input.EnumerateArray().Select((item, i) => WithId(item, $"input[{i}]"))];
    }

    private static string WithId(JsonElement item, string path)
    {
        JsonFields fields = JsonFields.Of(item, path);
        string type = fields.Text("type", 64) ?? "message";
        string? id = fields.Text("id", 256);
        // Checked here, where the path is known; read again when turns are made.
        TurnBuilder.Check(item, path);
        return ItemJson.Write(json =>
        {
            json.WriteString("id", id ?? ResponseIds.New(type switch { "function_call" => "fc_", "reasoning" => "rs_", _ => "msg_" }));
            json.WriteString("type", type);
            foreach (JsonProperty property in item.EnumerateObject())
            {
                if (property.Name is "id" or "type")
                {
                    continue;
                }

                if (property.Name == "content" && type == "message" && property.Value.ValueKind == JsonValueKind.String)
                {
                    WriteText(json, item, property.Value);
                }
                else
                {
                    property.WriteTo(json);
                }
            }
        });
    }

    // A content given as a string is listed as the part it stands for.
    private static void WriteText(Utf8JsonWriter json, JsonElement item, JsonElement text)
    {
        bool own = item.TryGetProperty("role", out JsonElement role) && role.ValueEquals("assistant"u8);
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", own ? "output_text" : "input_text");
        json.WriteString("text", text.GetString());
        if (own)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
