using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>Lines of output and error files, in OpenAI's shape.</summary>
internal static class BatchResultJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A request that was answered, whatever the status.</summary>
    public static byte[] Answer(string customId, int status, ReadOnlyMemory<byte> body) => Write(customId, json =>
    {
        json.WriteStartObject("response");
        json.WriteNumber("status_code", status);
        json.WriteString("request_id", Guid.NewGuid().ToString("N"));
        json.WritePropertyName("body");
        json.WriteRawValue(body.Span);
        json.WriteEndObject();
        json.WriteNull("error");
    });

    /// <summary>A request that was not run.</summary>
    public static byte[] NotRun(string customId, string code, string message) => Write(customId, json =>
    {
        json.WriteNull("response");
        json.WriteStartObject("error");
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    private static byte[] Write(string customId, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", StoredIds.New(StoredIds.BatchRequest));
            json.WriteString("custom_id", customId);
            fields(json);
            json.WriteEndObject();
        }

        // Raw bodies may have line feeds between their tokens, and nowhere else.
        byte[] line = buffer.WrittenSpan.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        return line;
    }
}
