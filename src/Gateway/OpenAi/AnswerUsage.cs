using System.Text.Json;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.OpenAi;

/// <summary>Token counts of an answer. A prompt counts once, however many continuations it has.</summary>
internal readonly record struct AnswerUsage(int PromptTokens, int CompletionTokens, int CachedTokens)
{
    public static AnswerUsage Of(IReadOnlyList<Choice> choices, int choicesPerPrompt, bool dropsOutput)
    {
        int prompt = 0;
        int completion = 0;
        int cached = 0;
        for (int i = 0; i < choices.Count; i++)
        {
            completion += dropsOutput ? 0 : choices[i].GeneratedTokens;
            if (i % choicesPerPrompt == 0)
            {
                prompt += choices[i].Request.PromptTokens.Length;
                cached += choices[i].CachedTokens;
            }
        }

        return new AnswerUsage(prompt, completion, cached);
    }

    /// <summary>Writes the object, without a name.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber(Names.PromptTokens, PromptTokens);
        json.WriteNumber(Names.CompletionTokens, CompletionTokens);
        json.WriteNumber(Names.TotalTokens, PromptTokens + CompletionTokens);
        json.WriteStartObject(Names.PromptTokensDetails);
        json.WriteNumber(Names.CachedTokens, CachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
