using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace XLLM.Gateway.Answers;

/// <summary>Named server-sent events (WHATWG HTML, 9.2), straight into the connection's buffer. One thread.</summary>
internal sealed class SseWriter(HttpResponse response)
{
    private const int FlushBytes = 16 * 1024;

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PipeWriter _output = response.BodyWriter;
    private readonly Utf8JsonWriter _json = new(response.BodyWriter, JsonOptions);

    /// <summary>So much waits to be sent that the reader's pace should be known before more is written.</summary>
    public bool IsFull => _output.UnflushedBytes > FlushBytes;

    /// <summary>Sets the answer's headers; before the first event.</summary>
    public void Begin()
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Writes an event: an object with its name as <c>type</c>, and what <paramref name="fields"/> adds.</summary>
    public void Write(string name, Action<Utf8JsonWriter> fields)
    {
        _output.Write("event: "u8);
        _output.Write(Encoding.ASCII.GetBytes(name));
        _output.Write("\ndata: "u8);
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("type", name);
        fields(_json);
        _json.WriteEndObject();
        _json.Flush();
        _output.Write("\n\n"u8);
    }

    /// <summary>Sends what was written; waits while the client reads slower than that.</summary>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async ValueTask FlushAsync()
    {
        FlushResult result = await _output.FlushAsync();
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client left.");
        }
    }
}
