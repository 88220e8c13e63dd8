using System.Text.Json;
using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Short ways to render in tests, at 2026-01-02 03:04:05.</summary>
internal static class Rendering
{
    public static JsonElement Json(string text) => JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }).RootElement;

    public static string Render(string source, string variables = "{}", TemplateLimits? limits = null) =>
        Render(source, Json(variables).EnumerateObject().ToDictionary(p => p.Name, p => p.Value), limits);

    public static string Render(string source, Dictionary<string, JsonElement> variables, TemplateLimits? limits = null) =>
        ChatTemplate.Parse(source, limits).Render(
            new ChatTemplateInput
            {
                Messages = Json("[]"),
                Tools = default(JsonElement),
                Documents = default(JsonElement),
                Variables = variables,
            },
            new Clock());

    public static TemplateException Fails(string source, TemplateErrorKind kind, string variables = "{}", TemplateLimits? limits = null)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => Render(source, variables, limits));
        Assert.Equal((kind, source), (e.Kind, source));
        return e;
    }

    private sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
