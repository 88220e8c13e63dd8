using System.Text.Encodings.Web;
using System.Text.Json;
using XLLM.Text.ChatTemplates;

namespace XLLM.Verification;

/// <summary>
/// Compares a chat template with reference lines <c>{"name", "messages", "tools"?, "options", "text"}</c>, or <c>{..., "error": true,
/// "why"?}</c> for what the template must refuse. Options are variables; the clock stands at 2026-01-02 03:04:05.
/// </summary>
public static class ChatVerifier
{
    private const int Shown = 40;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One case a line; its error is 1 where the text, or the refusal's message, is another.</summary>
    /// <param name="path">Hugging Face folder, GGUF file, or a template NAME.jinja.</param>
    /// <param name="linesPath">The reference lines.</param>
    /// <exception cref="Text.Tokenizers.TokenizerFormatException">The folder or GGUF file is malformed.</exception>
    /// <exception cref="InvalidDataException">There is no chat template, or a line is not of the form above.</exception>
    public static IReadOnlyList<VerifyCase> Verify(string path, string linesPath)
    {
        ChatTemplateSource source = ChatTemplateSource.Load(path);
        string chosen = source.Choose(hasTools: false) ?? throw new InvalidDataException($"{path} has no chat template.");
        ChatTemplate template;
        try
        {
            template = ChatTemplate.Parse(chosen);
        }
        catch (TemplateException e)
        {
            return [new VerifyCase("template", false, 1, e.Message)];
        }

        string file = Path.GetFileNameWithoutExtension(linesPath);
        List<VerifyCase> cases = [];
        foreach (string line in File.ReadLines(linesPath).Where(l => !string.IsNullOrWhiteSpace(l)))
        {
            cases.Add(VerifyLine(template, source.SpecialTokens, line, $"{file} line {cases.Count + 1}"));
        }

        return cases;
    }

    private static VerifyCase VerifyLine(
        ChatTemplate template, IReadOnlyDictionary<string, string> specialTokens, string line, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            name = $"{name}: {root.GetProperty("name").GetString()}";

            // Absent tools and documents stay undefined, as they were when the lines were made.
            ChatTemplateInput input = new()
            {
                Messages = root.GetProperty("messages"),
                Tools = root.TryGetProperty("tools", out JsonElement tools) ? tools : default(JsonElement),
                Documents = default(JsonElement),
                SpecialTokens = specialTokens,
                Variables = root.GetProperty("options").EnumerateObject().ToDictionary(p => p.Name, p => p.Value),
            };
            bool refuses = root.TryGetProperty("error", out JsonElement error) && error.GetBoolean();
            string expected = !refuses ? root.GetProperty("text").GetString() ?? ""
                : root.TryGetProperty("why", out JsonElement why) ? why.GetString() ?? "" : "";
            return refuses ? Refuses(template, input, expected, name) : Renders(template, input, expected, name);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{name} is not {{\"name\", \"messages\", \"options\", \"text\" or \"error\"}}: {e.Message}", e);
        }
    }

    private static VerifyCase Renders(ChatTemplate template, ChatTemplateInput input, string expected, string name)
    {
        try
        {
            string text = template.Render(input, new FixedClock());
            return text == expected ? new VerifyCase(name, true, 0) : new VerifyCase(name, false, 1, Difference(expected, text));
        }
        catch (TemplateException e)
        {
            return new VerifyCase(name, false, 1, e.Message);
        }
    }

    private static VerifyCase Refuses(ChatTemplate template, ChatTemplateInput input, string why, string name)
    {
        try
        {
            template.Render(input, new FixedClock());
            return new VerifyCase(name, false, 1, $"should be refused: {why}");
        }
        catch (TemplateException e)
        {
            bool passed = e.Kind == TemplateErrorKind.Refused && (why.Length == 0 || e.Reason == why);
            return passed ? new VerifyCase(name, true, 0, "refused") : new VerifyCase(name, false, 1, $"refused, but with: {e.Message}");
        }
    }

    private static string Difference(string expected, string actual)
    {
        int at = expected.AsSpan().CommonPrefixLength(actual);
        return $"differs from character {at}: expected {Around(expected, at)}, got {Around(actual, at)}";
    }

    private static string Around(string text, int at)
    {
        int from = Math.Max(0, at - (Shown / 2));
        return JsonSerializer.Serialize(text.Substring(from, Math.Min(Shown, text.Length - from)), Readable);
    }
}
