using System.Text.Json;
using XLLM.Text.Tokenizers;

namespace XLLM.Verification;

/// <summary>
/// Compares a tokenizer with reference lines <c>{"text", "ids", "with_special"?, "decoded"?}</c>: ids without added special
/// tokens, ids with them, and the text that <c>ids</c> decode to with special tokens kept.
/// </summary>
public static class TokenVerifier
{
    /// <summary>
    /// One case a line; its error is the number of differing token positions (or characters of the decoded text).
    /// </summary>
    /// <param name="tokenizerPath">Hugging Face folder or GGUF file. For a GGUF file special tokens in the text are plain text,
    /// as in llama.cpp's vocabulary tests.</param>
    /// <param name="linesPath">The reference lines.</param>
    /// <exception cref="TokenizerFormatException">The tokenizer cannot be loaded.</exception>
    /// <exception cref="InvalidDataException">A line is not of the form above.</exception>
    public static IReadOnlyList<VerifyCase> Verify(string tokenizerPath, string linesPath)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(tokenizerPath);
        bool parseSpecial = Directory.Exists(tokenizerPath);
        string name = Path.GetFileNameWithoutExtension(linesPath);
        var cases = new List<VerifyCase>();
        foreach (string line in File.ReadLines(linesPath))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                cases.Add(VerifyLine(tokenizer, parseSpecial, line, $"{name} line {cases.Count + 1}"));
            }
        }

        return cases;
    }

    private static VerifyCase VerifyLine(Tokenizer tokenizer, bool parseSpecial, string line, string name)
    {
        Line expected = Parse(line, name);
        try
        {
            VerifyCase result = Compare(name, "ids", expected.Ids, tokenizer.EncodeToIds(expected.Text, false, parseSpecial));
            if (result.Passed && expected.WithSpecial is { } withSpecial)
            {
                result = Compare(name, "with_special", withSpecial, tokenizer.EncodeToIds(expected.Text, true, parseSpecial));
            }

            if (result.Passed && expected.Decoded is { } decoded)
            {
                result = Compare(name, "decoded", decoded.ToCharArray(), tokenizer.Decode(expected.Ids).ToCharArray());
            }

            return result;
        }
        catch (TokenizationException e)
        {
            return new VerifyCase(name, false, expected.Ids.Length, e.Message);
        }
    }

    private static VerifyCase Compare<T>(string name, string what, IReadOnlyList<T> expected, IReadOnlyList<T> actual)
        where T : IEquatable<T>
    {
        int longest = Math.Max(expected.Count, actual.Count);
        int common = Math.Min(expected.Count, actual.Count);
        int differences = longest - common;
        int first = common;
        for (int i = common - 1; i >= 0; i--)
        {
            if (!expected[i].Equals(actual[i]))
            {
                differences++;
                first = i;
            }
        }

        return differences == 0
            ? new VerifyCase(name, true, 0)
            : new VerifyCase(name, false, differences,
                $"{what} differ from position {first}: expected {Around(expected, first)}, got {Around(actual, first)}");
    }

    private static string Around<T>(IReadOnlyList<T> values, int at) =>
        $"[{string.Join(' ', values.Skip(Math.Max(0, at - 2)).Take(8))}]";

    private static Line Parse(string line, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return new Line(
                root.GetProperty("text").GetString() ?? throw new InvalidDataException($"{name}: the text is null."),
                Ids(root.GetProperty("ids")),
                root.TryGetProperty("with_special", out JsonElement special) ? Ids(special) : null,
                root.TryGetProperty("decoded", out JsonElement decoded) ? decoded.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{name} is not {{\"text\", \"ids\", \"with_special\"?, \"decoded\"?}}: {e.Message}",
                e);
        }
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];

    private sealed record Line(string Text, int[] Ids, int[]? WithSpecial, string? Decoded);
}
