using System.Runtime.InteropServices;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Text;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Chat answers.</summary>
internal sealed class ChatShape(ITextCodec codec) : IAnswerShape
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
        json.WriteString(Names.Content, collected.Text.ToString());
        json.WriteNull(Names.Refusal);
        json.WriteEndObject();
        WriteLogprobs(json, choice, collected.Tokens);
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
