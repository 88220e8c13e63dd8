using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace XLLM.Gateway.Batches;

/// <summary>One request of an input file.</summary>
/// <param name="CustomId">The client's name for it.</param>
/// <param name="Body">Body of the request, JSON.</param>
internal sealed record BatchLine(string CustomId, byte[] Body)
{
    private const int MaxDepth = 65;
    private const int MaxCustomId = 512;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a line; null = it is not sound, and <paramref name="fault"/> says why.</summary>
    /// <param name="line">UTF-8, without its line feed.</param>
    /// <param name="endpoint">The batch's.</param>
    /// <param name="number">Of the line, from 1.</param>
    /// <param name="fault">Null when the line is sound.</param>
    public static BatchLine? Parse(ReadOnlyMemory<byte> line, string endpoint, long number, out BatchFault? fault)
    {
        if (!Utf8.IsValid(line.Span))
        {
            fault = new BatchFault("invalid_json_line", "The line is not valid UTF-8.", number);
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Options);
            (string? code, string? param, string? message) = FaultOf(document.RootElement, endpoint);
            fault = code is null ? null : new BatchFault(code, message!, number, param);
            return fault is null
                ? new BatchLine(
                    document.RootElement.GetProperty("custom_id").GetString()!,
                    JsonMarshal.GetRawUtf8Value(document.RootElement.GetProperty("body")).ToArray())
                : null;
        }
        catch (JsonException exception)
        {
            fault = new BatchFault("invalid_json_line", $"The line is not valid JSON: {exception.Message}", number);
        }
        catch (InvalidOperationException)
        {
            fault = new BatchFault(
                "invalid_json_line", @"The line has a \u escape that is half of a surrogate pair.", number);
        }

        return null;
    }

    private static (string? Code, string? Param, string? Message) FaultOf(JsonElement line, string endpoint)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            return ("invalid_json_line", null, "The line must be a JSON object.");
        }

        if (TextOf(line, "custom_id") is not { Length: > 0 and <= MaxCustomId })
        {
            return ("invalid_custom_id", "custom_id", $"'custom_id' must be a string of 1 to {MaxCustomId} characters.");
        }

        if (TextOf(line, "method") is not "POST")
        {
            return ("invalid_method", "method", "'method' must be 'POST'.");
        }

        string? url = TextOf(line, "url");
        if (url != endpoint)
        {
            return ("invalid_url", "url", $"'url' must be the batch's endpoint, '{endpoint}'.");
        }

        if (!line.TryGetProperty("body", out JsonElement body) || body.ValueKind != JsonValueKind.Object)
        {
            return ("invalid_body", "body", "'body' must be a JSON object: the body of the request.");
        }

        foreach (string flag in (string[])["stream", "background"])
        {
            if (body.TryGetProperty(flag, out JsonElement value) && value.ValueKind == JsonValueKind.True)
            {
                string message = $"'body.{flag}' must not be true in a batch; its answers are read when they are whole.";
                return ("invalid_body", "body." + flag, message);
            }
        }

        return default;
    }

    private static string? TextOf(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
