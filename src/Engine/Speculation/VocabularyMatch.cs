using System.Text.Json;
using XLLM.Formats;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Speculation;

/// <summary>Checks that two models mean the same by a token id.</summary>
public static class VocabularyMatch
{
    /// <summary>
    /// Compares the tokens of two models' files, each a GGUF file or a Hugging Face folder; ids that only one of them names do
    /// not matter. Files that name no tokens are taken as they are.
    /// </summary>
    /// <exception cref="ArgumentException">A token differs; the message names the first.</exception>
    /// <exception cref="ModelFormatException">A file is damaged.</exception>
    public static void Check(string model, string draft)
    {
        Dictionary<int, string> ours = Read(model);
        Dictionary<int, string> theirs = Read(draft);
        foreach ((int id, string token) in ours.OrderBy(pair => pair.Key))
        {
            if (theirs.TryGetValue(id, out string? other) && other != token)
            {
                throw new ArgumentException(
                    $"The draft model {draft} has another vocabulary than {model}: token {id} is '{other}' there and "
                    + $"'{token}' here. "
                    + "A draft model must have the tokenizer of the model it drafts for.");
            }
        }
    }

    private static Dictionary<int, string> Read(string path)
    {
        ModelLocation location = ModelFiles.Locate(path);
        return location.Kind == ModelKind.Gguf ? ReadGguf(location.Path) : ReadFolder(location.Path);
    }

    private static Dictionary<int, string> ReadGguf(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        Dictionary<int, string> tokens = [];
        if (file.Find("tokenizer.ggml.tokens")?.AsStrings() is { } list)
        {
            foreach (string token in list)
            {
                tokens.Add(tokens.Count, token);
            }
        }

        return tokens;
    }

    private static Dictionary<int, string> ReadFolder(string path)
    {
        Dictionary<int, string> tokens = [];
        string file = Path.Combine(path, "tokenizer.json");
        if (!File.Exists(file))
        {
            return tokens;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            Add(json.RootElement.GetProperty("model").GetProperty("vocab"), tokens);
            foreach (JsonElement added in json.RootElement.GetProperty("added_tokens").EnumerateArray())
            {
                tokens[added.GetProperty("id").GetInt32()] = added.GetProperty("content").GetString() ?? "";
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(file, "this is no tokenizer that can be read: " + e.Message);
        }

        return tokens;
    }

    // Most kinds have an object of token to id; unigram models have an array of tokens with scores.
    private static void Add(JsonElement vocabulary, Dictionary<int, string> tokens)
    {
        if (vocabulary.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement pair in vocabulary.EnumerateArray())
            {
                tokens[tokens.Count] = pair[0].GetString() ?? "";
            }

            return;
        }

        foreach (JsonProperty token in vocabulary.EnumerateObject())
        {
            tokens[token.Value.GetInt32()] = token.Name;
        }
    }
}
