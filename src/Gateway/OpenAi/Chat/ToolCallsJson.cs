using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Builds the calls of an assistant's turn as <see cref="ChatMessage.ToolCalls"/> has them.</summary>
internal sealed class ToolCallsJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Id, string Name, string Arguments)> _calls = [];

    public int Count => _calls.Count;

    /// <param name="id">The call's id.</param>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">A text of JSON.</param>
    public void Add(string id, string name, string arguments) => _calls.Add((id, name, arguments));

    /// <summary>An array, or undefined when there are no calls.</summary>
    public JsonElement Build()
    {
        if (_calls.Count == 0)
        {
            return default;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach ((string id, string name, string arguments) in _calls)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", name);
                json.WriteString("arguments", arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
