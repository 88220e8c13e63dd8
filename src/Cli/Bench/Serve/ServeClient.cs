using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Bench.Serve;

/// <summary>Sends one request to an OpenAI server and times its pieces.</summary>
internal sealed class ServeClient(HttpClient http, string model, ServeBackend backend, bool ignoreEos)
{
    private const string Prefix = "data:";

    /// <summary>Failures are in the record, apart from a cancel.</summary>
    public async Task<RequestRecord> SendAsync(ServeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage message = new(HttpMethod.Post, backend == ServeBackend.Chat ? "v1/chat/completions" : "v1/completions")
            {
                Content = JsonContent.Create<JsonNode>(Body(request)),
            };
            long sent = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                string body = await response.Content.ReadAsStringAsync(cancellationToken);
                return RequestRecord.Failed($"{(int)response.StatusCode} {Message(body) ?? response.ReasonPhrase}");
            }

            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await ReadAsync(stream, sent, request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return RequestRecord.Failed(e.Message);
        }
    }

    private static string? Message(string body)
    {
        try
        {
            return (string?)JsonNode.Parse(body)?["error"]?["message"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<RequestRecord> ReadAsync(Stream stream, long sent, ServeRequest request, CancellationToken cancellationToken)
    {
        double first = double.NaN;
        double last = 0;
        int pieces = 0;
        int? prompt = null;
        int? output = null;
        List<double> gaps = [];
        using StreamReader reader = new(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            double now = Stopwatch.GetElapsedTime(sent).TotalSeconds;
            if (line.AsSpan(Prefix.Length).Trim() is "[DONE]")
            {
                break;
            }

            using JsonDocument chunk = JsonDocument.Parse(line.AsMemory(Prefix.Length));
            if (chunk.RootElement.TryGetProperty("error", out JsonElement error))
            {
                return RequestRecord.Failed(error.ToString());
            }

            if (chunk.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                prompt = usage.GetProperty("prompt_tokens").GetInt32();
                output = usage.GetProperty("completion_tokens").GetInt32();
            }

            if (!HasOutput(chunk.RootElement))
            {
                continue;
            }

            if (pieces++ == 0)
            {
                first = now;
            }
            else
            {
                gaps.Add(now - last);
            }

            last = now;
        }

        // Tokens may make no text, e.g. a part of a character.
        if (pieces == 0 && output is > 0)
        {
            first = last = Stopwatch.GetElapsedTime(sent).TotalSeconds;
        }

        return double.IsNaN(first)
            ? RequestRecord.Failed("the server ended the stream without output")
            : new RequestRecord(first, gaps, last, prompt ?? request.Prompt.Length, output ?? pieces, null);
    }

    // A chunk with text: not the role alone, not the usage, not the end.
    private static bool HasOutput(JsonElement chunk)
    {
        if (!chunk.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
        {
            return false;
        }

        JsonElement choice = choices[0];
        JsonElement text = choice.TryGetProperty("delta", out JsonElement delta) && delta.TryGetProperty("content", out JsonElement content)
            ? content
            : choice.TryGetProperty("text", out JsonElement own) ? own : default;
        return text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 };
    }

    private JsonObject Body(ServeRequest request)
    {
        JsonObject body = new()
        {
            ["model"] = model,
            ["max_tokens"] = request.OutputTokens,
            ["temperature"] = 0,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        if (ignoreEos)
        {
            body["ignore_eos"] = true;
        }

        switch (backend)
        {
            case ServeBackend.Chat:
                body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = ServeWords.Of(request.Prompt) });
                break;
            case ServeBackend.Words:
                body["prompt"] = ServeWords.Of(request.Prompt);
                break;
            default:
                body["prompt"] = JsonSerializer.SerializeToNode(request.Prompt);
                break;
        }

        return body;
    }
}
