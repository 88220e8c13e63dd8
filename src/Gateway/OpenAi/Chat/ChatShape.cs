using System.Runtime.InteropServices;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Text;
using XLLM.Text.Answers;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Chat answers.</summary>
internal sealed class ChatShape(ITextCodec codec, AnswerReading reading) : IAnswerShape
{
    public string EventObject => "chat.completion.chunk";

    public string WholeObject => "chat.completion";

    public ReadOnlySpan<byte> BeforeText => ",\"delta\":{\"content\":"u8;

    public ReadOnlySpan<byte> AfterText => "},\"logprobs\":null"u8;

    public bool HasOpening(Choice choice) => true;

    public void WriteOpening(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject(Names.Delta);
        json.WriteString(Names.Role, "assistant");
        json.WriteString(Names.Content, "");
        json.WriteEndObject();
        json.WriteNull(Names.Logprobs);
    }

    public bool HasContent(Choice choice) => choice.Delta.Text.Length > 0 || choice.Delta.Tokens.Count > 0;

    public void WriteContent(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject(Names.Delta);
        json.WriteString(Names.Content, choice.Delta.Text);
        json.WriteEndObject();
        WriteLogprobs(json, choice, choice.Delta.Tokens);
    }

    public void WritePiece(Utf8JsonWriter json, Choice choice, AnswerPiece piece, bool isFirst)
    {
        json.WriteStartObject(Names.Delta);
        switch (piece.Kind)
        {
            case AnswerPieceKind.Text:
                json.WriteString(Names.Content, piece.Text);
                break;
            case AnswerPieceKind.Reasoning:
                json.WriteString(Names.ReasoningContent, piece.Text);
                break;
            default:
                json.WriteStartArray(Names.ToolCalls);
                json.WriteStartObject();
                json.WriteNumber(Names.Index, piece.Call);
                bool begins = piece.Kind == AnswerPieceKind.ToolName;
                WriteCall(json, begins ? piece.Text : null, begins ? "" : piece.Text);
                json.WriteEndObject();
                json.WriteEndArray();
                break;
        }

        json.WriteEndObject();
        WriteLogprobs(json, choice, isFirst ? choice.Delta.Tokens : []);
    }

    public void WriteClosing(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject(Names.Delta);
        json.WriteEndObject();
        json.WriteNull(Names.Logprobs);
    }

    public void WriteWhole(Utf8JsonWriter json, Choice choice, CollectedChoice collected)
    {
        json.WriteStartObject(Names.Message);
        json.WriteString(Names.Role, "assistant");
        json.WriteString(Names.Content, collected.Text.Length == 0 && collected.Calls.Count > 0 ? null : collected.Text.ToString());
        if (collected.Reasoning.Length > 0)
        {
            json.WriteString(Names.ReasoningContent, collected.Reasoning.ToString());
        }

        if (collected.Calls.Count > 0)
        {
            WriteCalls(json, collected.Calls);
        }

        json.WriteNull(Names.Refusal);
        json.WriteEndObject();
        WriteLogprobs(json, choice, collected.Tokens);
    }

    private void WriteCalls(Utf8JsonWriter json, List<CollectedCall> calls)
    {
        json.WriteStartArray(Names.ToolCalls);
        foreach (CollectedCall call in calls)
        {
            json.WriteStartObject();
            WriteCall(json, call.Name, call.Arguments.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteCall(Utf8JsonWriter json, string? name, string arguments)
    {
        if (name is not null)
        {
            json.WriteString(Names.Id, reading.NewCallId("call_"));
            json.WriteString(Names.Type, "function");
        }

        json.WriteStartObject(Names.Function);
        if (name is not null)
        {
            json.WriteString(Names.Name, name);
        }

        json.WriteString(Names.Arguments, arguments);
        json.WriteEndObject();
    }

    private void WriteLogprobs(Utf8JsonWriter json, Choice choice, List<GeneratedToken> tokens)
    {
        if (!choice.Request.Logprobs.Chosen)
        {
            json.WriteNull(Names.Logprobs);
            return;
        }

        json.WriteStartObject(Names.Logprobs);
        json.WriteStartArray(Names.Content);
        foreach (ref readonly GeneratedToken token in CollectionsMarshal.AsSpan(tokens))
        {
            json.WriteStartObject();
            WriteToken(json, token.Id, token.Logprob ?? LogprobFloor.Lowest);
            json.WriteStartArray(Names.TopLogprobs);
            foreach (TokenLogprob top in token.Top.IsDefault ? [] : token.Top)
            {
                json.WriteStartObject();
                WriteToken(json, top.Token, top.Logprob);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull(Names.Refusal);
        json.WriteEndObject();
    }

    private void WriteToken(Utf8JsonWriter json, int token, float logprob)
    {
        ReadOnlySpan<byte> bytes = codec.BytesOf(token);
        json.WriteString(Names.Token, TokenTexts.Show(bytes));
        json.WriteNumber(Names.Logprob, LogprobFloor.Clamp(logprob));
        json.WriteStartArray(Names.Bytes);
        foreach (byte b in bytes)
        {
            json.WriteNumberValue(b);
        }

        json.WriteEndArray();
    }
}
