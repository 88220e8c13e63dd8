using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Builds tool definitions as chat templates are written for: <c>{type: function, function: {...}}</c>.</summary>
internal sealed class ToolsJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Name, string? Description, JsonElement Parameters)> _tools = [];

    /// <param name="name">Not empty.</param>
    /// <param name="description">What it does, or null.</param>
    /// <param name="parameters">JSON schema of its arguments, or undefined.</param>
    public void Add(string name, string? description, JsonElement parameters) => _tools.Add((name, description, parameters));

    /// <summary>An array, or undefined when there are no tools.</summary>
    public JsonElement Build()
    {
        if (_tools.Count == 0)
        {
            return default;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach ((string name, string? description, JsonElement parameters) in _tools)
            {
                json.WriteStartObject();
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", name);
                if (description is not null)
                {
                    json.WriteString("description", description);
                }

                if (parameters.ValueKind != JsonValueKind.Undefined)
                {
                    json.WritePropertyName("parameters");
                    parameters.WriteTo(json);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
