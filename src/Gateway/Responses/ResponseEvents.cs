using System.Text.Json;
using XLLM.Gateway.Answers;

namespace XLLM.Gateway.Responses;

/// <summary>Numbers the events of one response.</summary>
internal sealed class ResponseEvents(SseWriter output)
{
    private int _next;

    public void Write(string name, Action<Utf8JsonWriter> fields) => output.Write(name, json =>
    {
        json.WriteNumber("sequence_number", _next++);
        fields(json);
    });
}
