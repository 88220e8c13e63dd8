using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Answers;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Streaming;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Anthropic;

/// <summary>
/// A message as events, in the documented order: message_start, then for each block content_block_start, its deltas and
/// content_block_stop, then message_delta and message_stop.
/// </summary>
internal sealed class MessageStream(HttpResponse response, string id, string model, AnswerReading reading)
{
    private readonly SseWriter _events = new(response);
    private int _block = -1;
    private AnswerPieceKind? _kind;
    private int _call;

    /// <exception cref="ApiException">It failed before anything was written.</exception>
    public async Task WriteAsync(GenerationSession session)
    {
        Choice? choice = await session.NextAsync();
        _events.Begin();
        WriteStart(session.Choices[0]);
        try
        {
            while (choice is not null)
            {
                foreach (AnswerPiece piece in DeltaPieces.Of(choice.Delta))
                {
                    WritePiece(piece);
                }

                choice = session.TryNext();
                if (choice is null || _events.IsFull)
                {
                    await _events.FlushAsync();
                }

                choice ??= await session.NextAsync();
            }

            WriteEnd(session.Choices[0]);
        }
        catch (ApiException failure)
        {
            _events.Write("error", json => AnthropicError.WriteFields(json, failure.Error, response.HttpContext));
        }

        await _events.FlushAsync();
    }

    private void WriteStart(Choice choice)
    {
        _events.Write("message_start", json =>
        {
            json.WriteStartObject("message");
            MessageJson.WriteHead(json, id, model);
            json.WriteStartArray("content");
            json.WriteEndArray();
            json.WriteNull("stop_reason");
            json.WriteNull("stop_sequence");
            json.WriteStartObject("usage");
            json.WriteNumber("input_tokens", choice.Request.PromptTokens.Length);
            json.WriteNumber("cache_creation_input_tokens", 0);
            json.WriteNumber("cache_read_input_tokens", 0);
            json.WriteNumber("output_tokens", 0);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        _events.Write("ping", _ => { });
    }

    private void WritePiece(AnswerPiece piece)
    {
        AnswerPieceKind kind = piece.Kind == AnswerPieceKind.ToolName ? AnswerPieceKind.ToolArguments : piece.Kind;
        if (kind != _kind || (kind == AnswerPieceKind.ToolArguments && piece.Call != _call))
        {
            CloseBlock();
            OpenBlock(kind, piece);
        }

        if (piece.Kind == AnswerPieceKind.ToolName)
        {
            return;
        }

        (string type, string field) = kind switch
        {
            AnswerPieceKind.Reasoning => ("thinking_delta", "thinking"),
            AnswerPieceKind.ToolArguments => ("input_json_delta", "partial_json"),
            _ => ("text_delta", "text"),
        };
        WriteDelta(type, field, piece.Text);
    }

    private void OpenBlock(AnswerPieceKind kind, AnswerPiece piece)
    {
        _block++;
        (_kind, _call) = (kind, piece.Call);
        _events.Write("content_block_start", json =>
        {
            json.WriteNumber("index", _block);
            json.WriteStartObject("content_block");
            WriteEmptyBlock(json, kind, piece);
            json.WriteEndObject();
        });
    }

    private void WriteEmptyBlock(Utf8JsonWriter json, AnswerPieceKind kind, AnswerPiece piece)
    {
        switch (kind)
        {
            case AnswerPieceKind.Reasoning:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", "");
                json.WriteString("signature", "");
                break;
            case AnswerPieceKind.ToolArguments:
                json.WriteString("type", "tool_use");
                json.WriteString("id", reading.NewCallId("toolu_"));
                json.WriteString("name", piece.Text);
                json.WriteStartObject("input");
                json.WriteEndObject();
                break;
            default:
                json.WriteString("type", "text");
                json.WriteString("text", "");
                break;
        }
    }

    private void WriteDelta(string type, string field, string text) => _events.Write("content_block_delta", json =>
    {
        json.WriteNumber("index", _block);
        json.WriteStartObject("delta");
        json.WriteString("type", type);
        json.WriteString(field, text);
        json.WriteEndObject();
    });

    private void CloseBlock()
    {
        if (_kind is null)
        {
            return;
        }

        if (_kind == AnswerPieceKind.Reasoning)
        {
            WriteDelta("signature_delta", "signature", "");
        }

        _events.Write("content_block_stop", json => json.WriteNumber("index", _block));
        _kind = null;
    }

    private void WriteEnd(Choice choice)
    {
        CloseBlock();
        _events.Write("message_delta", json =>
        {
            json.WriteStartObject("delta");
            MessageJson.WriteStop(json, choice);
            json.WriteEndObject();
            MessageJson.WriteUsage(json, choice);
        });
        _events.Write("message_stop", _ => { });
    }
}
