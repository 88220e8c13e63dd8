using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Client;

namespace XLLM.Cli.Chat;

/// <summary>Streams one answer of <c>/v1/chat/completions</c> from any OpenAI-compatible server.</summary>
internal sealed class ChatStream(HttpClient http)
{
    /// <summary>Names of the models the server has. Throws <see cref="HttpRequestException"/> or <see cref="OpenAiErrorException"/>.</summary>
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
        await foreach (JsonElement chunk in OpenAiEvents.ReadAsync(stream, cancellationToken))
        {
            if (chunk.TryGetProperty("choices", out JsonElement choices) && choices.GetArrayLength() > 0
                && choices[0].TryGetProperty("delta", out JsonElement delta)
                && delta.TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 } piece)
            {
                yield return piece;
            }
        }
    }

    private static async Task ThrowIfErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw await OpenAiErrorException.OfAsync(response, cancellationToken);
        }
    }
}
