using System.Text.Json;

namespace XLLM.Cli.Client;

/// <summary>A server answered with an error.</summary>
internal sealed class OpenAiErrorException(string message) : Exception(message)
{
    /// <summary>What the response says: its status and the error's message, or the reason phrase when the body is not OpenAI's.</summary>
    public static async Task<OpenAiErrorException> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        string? message = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            message = MessageOf(document.RootElement);
        }
        catch (JsonException)
        {
            // Not an OpenAI error; the status has to do.
        }

        return new OpenAiErrorException($"{(int)response.StatusCode} {message ?? response.ReasonPhrase ?? "error"}");
    }

    /// <summary><c>error.message</c>; null = there is none.</summary>
    public static string? MessageOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("error", out JsonElement error)
        && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement message)
        && message.ValueKind == JsonValueKind.String
            ? message.GetString()
            : null;
}
