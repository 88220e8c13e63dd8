using System.Text.Json;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>A file of sources with what Jinja2 gives for them; see Cases/make_cases.py.</summary>
internal static class CaseFile
{
    public static IEnumerable<(string Source, string? Text)> Read(string name, out Dictionary<string, JsonElement> variables)
    {
        JsonElement[] lines = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "ChatTemplates", "Cases", name))
            .Select(line => JsonDocument.Parse(line).RootElement)];
        variables = lines[0].GetProperty("variables").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        return lines.Skip(1).Select(line => (
            line.GetProperty("source").GetString()!,
            line.TryGetProperty("text", out JsonElement text) ? text.GetString() : null));
    }
}
