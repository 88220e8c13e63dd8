using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Client;

namespace XLLM.Cli.Bench.Serve;

/// <summary>Sends one request to an OpenAI server and times its pieces.</summary>
internal sealed class ServeClient(HttpClient http, string model, ServeBackend backend, bool ignoreEos)
{
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
                throw await OpenAiErrorException.OfAsync(response, cancellationToken);
            }

            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await ReadAsync(stream, sent, request, cancellationToken);
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException or IOException or JsonException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return RequestRecord.Failed(e.Message);
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
        await foreach (JsonElement chunk in OpenAiEvents.ReadAsync(stream, cancellationToken))
        {
            double now = Stopwatch.GetElapsedTime(sent).TotalSeconds;
            if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                prompt = usage.GetProperty("prompt_tokens").GetInt32();
                output = usage.GetProperty("completion_tokens").GetInt32();
            }

            if (!HasOutput(chunk))
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
