using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Chat;

/// <summary>Streams one answer of <c>/v1/chat/completions</c> from any OpenAI-compatible server.</summary>
internal sealed class ChatStream(HttpClient http)
{
    /// <summary>Names of the models the server has. Throws <see cref="HttpRequestException"/> or <see cref="ChatException"/>.</summary>
    public async Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.GetAsync("v1/models", cancellationToken);
        await ThrowIfErrorAsync(response, cancellationToken);
        JsonNode? body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        return [.. body?["data"]?.AsArray().Select(m => (string?)m?["id"] ?? "") ?? []];
    }

    /// <summary>Pieces of the answer as they come.</summary>
    public async IAsyncEnumerable<string> AnswerAsync(
        string model, JsonArray messages, JsonObject options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["model"] = model, ["messages"] = messages.DeepClone(), ["stream"] = true };
        foreach ((string key, JsonNode? value) in options)
        {
            body[key] = value?.DeepClone();
        }

        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create<JsonNode>(body) };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfErrorAsync(response, cancellationToken);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using StreamReader reader = new(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal))
            {
                continue;
            }

            string data = line[5..].Trim();
            if (data == "[DONE]")
            {
                yield break;
            }

            JsonNode? chunk = JsonNode.Parse(data);
            if (chunk?["error"] is { } error)
            {
                throw new ChatException((string?)error["message"] ?? data);
            }

            if (chunk?["choices"] is JsonArray { Count: > 0 } choices
                && (string?)choices[0]?["delta"]?["content"] is { Length: > 0 } piece)
            {
                yield return piece;
            }
        }
    }

    private static async Task ThrowIfErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        string? message = null;
        try
        {
            message = (string?)JsonNode.Parse(body)?["error"]?["message"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not an OpenAI error; the status has to do.
        }

        throw new ChatException($"{(int)response.StatusCode} {message ?? response.ReasonPhrase ?? "error"}");
    }
}
