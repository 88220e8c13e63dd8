using System.Text;
using System.Text.Json;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Responses;

/// <summary>An item of a response's output while it grows.</summary>
/// <param name="Kind">Text, reasoning or tool arguments.</param>
/// <param name="Id">Its id.</param>
/// <param name="CallId">A tool call's id; else empty.</param>
/// <param name="Name">A tool's name; else empty.</param>
internal sealed record OutputItem(AnswerPieceKind Kind, string Id, string CallId, string Name)
{
    public StringBuilder Text { get; } = new();

    public string Status { get; set; } = "in_progress";

    /// <summary>Writes its fields as they are now.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        switch (Kind)
        {
            case AnswerPieceKind.Reasoning:
                json.WriteString("type", "reasoning");
                json.WriteStartArray("summary");
                json.WriteEndArray();
                WriteContent(json);
                break;
            case AnswerPieceKind.ToolArguments:
                json.WriteString("type", "function_call");
                json.WriteString("call_id", CallId);
                json.WriteString("name", Name);
                json.WriteString("arguments", Text.ToString());
                break;
            default:
                json.WriteString("type", "message");
                json.WriteString("role", "assistant");
                WriteContent(json);
                break;
        }

        json.WriteString("status", Status);
    }

    /// <summary>Writes the one part of its content.</summary>
    public void WritePart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", Kind == AnswerPieceKind.Reasoning ? "reasoning_text" : "output_text");
        json.WriteString("text", text);
        if (Kind == AnswerPieceKind.Text)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter json)
    {
        json.WriteStartArray("content");
        if (Status != "in_progress")
        {
            WritePart(json, Text.ToString());
        }

        json.WriteEndArray();
    }
}
