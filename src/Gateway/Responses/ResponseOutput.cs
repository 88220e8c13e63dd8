using System.Text.Json;
using XLLM.Gateway.Generation;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Responses;

/// <summary>Collects a response's output items, and tells of each piece in OpenAI's order of events. One thread.</summary>
/// <param name="reading">Makes ids of calls.</param>
/// <param name="events">Where to tell; null = nobody listens.</param>
internal sealed class ResponseOutput(AnswerReading reading, ResponseEvents? events)
{
    private readonly List<OutputItem> _items = [];
    private OutputItem? _open;
    private int _call;

    public IReadOnlyList<OutputItem> Items => _items;

    /// <summary>Tokens that were generated when the thoughts ended.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Takes the pieces of a delta, after which so many tokens were generated.</summary>
    public void Add(IEnumerable<AnswerPiece> pieces, int generatedTokens)
    {
        foreach (AnswerPiece piece in pieces)
        {
            Add(piece);
        }

        if (_open?.Kind == AnswerPieceKind.Reasoning)
        {
            ReasoningTokens = generatedTokens;
        }
    }

    /// <summary>Ends the item that is open.</summary>
    public void Close(string status)
    {
        if (_open is not { } item)
        {
            return;
        }

        _open = null;
        item.Status = status;
        string text = item.Text.ToString();
        if (item.Kind == AnswerPieceKind.ToolArguments)
        {
            Tell("response.function_call_arguments.done", item, json =>
            {
                json.WriteString("name", item.Name);
                json.WriteString("arguments", text);
            });
        }
        else
        {
            Tell(NameOf(item) + ".done", item, json =>
            {
                WriteContentIndex(json, item);
                json.WriteString("text", text);
            });
            TellPart("response.content_part.done", item, text);
        }

        TellItem("response.output_item.done", item);
    }

    private void Add(AnswerPiece piece)
    {
        AnswerPieceKind kind = piece.Kind == AnswerPieceKind.ToolName ? AnswerPieceKind.ToolArguments : piece.Kind;
        if (_open?.Kind != kind || (kind == AnswerPieceKind.ToolArguments && piece.Call != _call))
        {
            Close("completed");
            Open(kind, piece);
        }

        if (piece.Kind == AnswerPieceKind.ToolName)
        {
            return;
        }

        OutputItem item = _open!;
        item.Text.Append(piece.Text);
        if (kind == AnswerPieceKind.ToolArguments)
        {
            Tell("response.function_call_arguments.delta", item, json => json.WriteString("delta", piece.Text));
        }
        else
        {
            Tell(NameOf(item) + ".delta", item, json =>
            {
                WriteContentIndex(json, item);
                json.WriteString("delta", piece.Text);
            });
        }
    }

    private void Open(AnswerPieceKind kind, AnswerPiece piece)
    {
        bool isCall = kind == AnswerPieceKind.ToolArguments;
        string prefix = isCall ? "fc_" : kind == AnswerPieceKind.Reasoning ? "rs_" : "msg_";
        var item = new OutputItem(
            kind, ResponseIds.New(prefix), isCall ? reading.NewCallId("call_") : "", isCall ? piece.Text : "");
        _open = item;
        _call = piece.Call;
        _items.Add(item);
        TellItem("response.output_item.added", item);
        if (!isCall)
        {
            TellPart("response.content_part.added", item, "");
        }
    }

    private static string NameOf(OutputItem item) =>
        item.Kind == AnswerPieceKind.Reasoning ? "response.reasoning_text" : "response.output_text";

    private static void WriteContentIndex(Utf8JsonWriter json, OutputItem item)
    {
        json.WriteNumber("content_index", 0);
        if (item.Kind == AnswerPieceKind.Text)
        {
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }
    }

    private void TellPart(string name, OutputItem item, string text) => Tell(name, item, json =>
    {
        json.WriteNumber("content_index", 0);
        json.WritePropertyName("part");
        item.WritePart(json, text);
    });

    private void Tell(string name, OutputItem item, Action<Utf8JsonWriter> fields) => events?.Write(name, json =>
    {
        json.WriteString("item_id", item.Id);
        json.WriteNumber("output_index", _items.IndexOf(item));
        fields(json);
    });

    private void TellItem(string name, OutputItem item) => events?.Write(name, json =>
    {
        json.WriteNumber("output_index", _items.IndexOf(item));
        json.WriteStartObject("item");
        item.WriteFields(json);
        json.WriteEndObject();
    });
}
