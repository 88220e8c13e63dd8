using System.Text.Json;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>The events of one stream.</summary>
internal sealed record SseEvents(IReadOnlyList<JsonElement> Events, bool Done)
{
    /// <summary>Parses a whole stream; each event must be one <c>data:</c> line and an empty line.</summary>
    public static SseEvents Parse(string text)
    {
        string[] parts = text.Split("\n\n");
        Assert.Equal("", parts[^1]);
        var events = new List<JsonElement>();
        bool done = false;
        foreach (string part in parts[..^1])
        {
            Assert.False(done, "Nothing may follow [DONE].");
            Assert.StartsWith("data: ", part);
            string data = part["data: ".Length..];
            done = data == "[DONE]";
            if (!done)
            {
                events.Add(JsonDocument.Parse(data).RootElement.Clone());
            }
        }

        return new SseEvents(events, done);
    }

    /// <summary>Choices of all events in turn.</summary>
    public IEnumerable<JsonElement> Choices => Events
        .Where(e => e.TryGetProperty("choices", out _))
        .SelectMany(e => e.GetProperty("choices").EnumerateArray());

    /// <summary>Text of one chat choice.</summary>
    public string ChatText(int index = 0) => string.Concat(Choices
        .Where(c => c.GetProperty("index").GetInt32() == index)
        .Select(c => c.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));

    /// <summary>Text of one completion choice.</summary>
    public string CompletionText(int index = 0) => string.Concat(Choices
        .Where(c => c.GetProperty("index").GetInt32() == index)
        .Select(c => c.GetProperty("text").GetString()));

    /// <summary>The finish reason of a choice; fails when there is not exactly one.</summary>
    public string? FinishReason(int index = 0) => Choices
        .Single(c => c.GetProperty("index").GetInt32() == index && c.GetProperty("finish_reason").ValueKind != JsonValueKind.Null)
        .GetProperty("finish_reason").GetString();
}
