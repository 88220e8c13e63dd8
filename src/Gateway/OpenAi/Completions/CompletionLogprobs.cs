using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Text;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>
/// OpenAI's older form: parallel arrays <c>tokens</c>, <c>token_logprobs</c>, <c>top_logprobs</c>, <c>text_offset</c>. Offsets
/// go on from event to event of a choice, so each choice has its own writer.
/// </summary>
internal sealed class CompletionLogprobs(ITextCodec codec)
{
    private int _offset;

    public void Write(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, int top)
    {
        string[] texts = [.. tokens.Select(t => TokenTexts.Show(codec.BytesOf(t.Id)))];
        json.WriteStartObject(Names.Logprobs);
        json.WriteStartArray(Names.Tokens);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
        json.WriteStartArray(Names.TokenLogprobs);
        foreach (GeneratedToken token in tokens)
        {
            WriteLogprob(json, token.Logprob);
        }

        json.WriteEndArray();
        WriteTop(json, tokens, texts, top);
        json.WriteStartArray(Names.TextOffset);
        foreach (string text in texts)
        {
            json.WriteNumberValue(_offset);
            _offset += text.Length;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // As vLLM: the chosen token is always among them, also when it is not one of the best.
    private void WriteTop(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, string[] texts, int top)
    {
        if (top == 0)
        {
            json.WriteNull(Names.TopLogprobs);
            return;
        }

        json.WriteStartArray(Names.TopLogprobs);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Logprob is not { } own)
            {
                json.WriteNullValue();
                continue;
            }

            json.WriteStartObject();
            seen.Clear();
            foreach (TokenLogprob best in tokens[i].Top.IsDefault ? [] : tokens[i].Top)
            {
                // Two tokens may have one text; a name may be there only once.
                string name = TokenTexts.Show(codec.BytesOf(best.Token));
                if (seen.Add(name))
                {
                    json.WriteNumber(name, LogprobFloor.Clamp(best.Logprob));
                }
            }

            if (seen.Add(texts[i]))
            {
                json.WriteNumber(texts[i], LogprobFloor.Clamp(own));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLogprob(Utf8JsonWriter json, float? logprob)
    {
        if (logprob is { } value)
        {
            json.WriteNumberValue(LogprobFloor.Clamp(value));
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
