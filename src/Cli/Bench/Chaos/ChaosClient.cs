using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Client;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Streams one completion and notes its text and its silences. Any thread.</summary>
internal sealed class ChaosClient(HttpClient http, string model, long started)
{
    /// <summary>
    /// Sends the prompt to the gateway at <paramref name="gateway"/>; failures are in the answer, apart from a cancel.
    /// <paramref name="onPiece"/> is told how many characters of text have come, and awaited before more is read.
    /// </summary>
    public async Task<ChaosAnswer> AskAsync(
        Uri gateway, int number, ChaosPrompt prompt, CancellationToken cancellationToken, Func<int, Task>? onPiece = null)
    {
        double sent = Now();
        StringBuilder text = new();
        Silence silence = new(sent);
        string? error = null;
        try
        {
            bool finished = await ReadAsync(gateway, prompt, text, silence, onPiece, cancellationToken);
            error = finished ? null : "the stream ended without a finish reason";
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException or IOException or JsonException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            error = e.Message;
        }

        double ended = Now();
        silence.Break(ended);
        return new ChaosAnswer(number, sent, ended, text.ToString(), silence.Longest, silence.Began, error);
    }

    private static JsonObject Body(ChaosPrompt prompt, string model)
    {
        JsonObject body = new()
        {
            ["model"] = model,
            ["prompt"] = JsonSerializer.SerializeToNode(prompt.Tokens),
            ["max_tokens"] = prompt.OutputTokens,
            ["temperature"] = prompt.Temperature,
            ["seed"] = prompt.Seed,
            ["presence_penalty"] = prompt.Penalty,
            ["ignore_eos"] = true,
            ["stream"] = true,
        };
        if (prompt.TtftSloMs is { } objective)
        {
            body["ttft_slo_ms"] = objective;
        }

        return body;
    }

    /// <summary>Whether a finish reason came.</summary>
    private async Task<bool> ReadAsync(
        Uri gateway, ChaosPrompt prompt, StringBuilder text, Silence silence, Func<int, Task>? onPiece, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(gateway, "v1/completions"))
        {
            Content = JsonContent.Create<JsonNode>(Body(prompt, model)),
        };
        using HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await OpenAiErrorException.OfAsync(response, cancellationToken);
        }

        bool finished = false;
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (JsonElement chunk in OpenAiEvents.ReadAsync(stream, cancellationToken))
        {
            JsonElement choice = chunk.GetProperty("choices")[0];
            text.Append(choice.GetProperty("text").GetString());
            finished |= choice.TryGetProperty("finish_reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String;
            silence.Break(Now());
            if (onPiece is not null)
            {
                await onPiece(text.Length);
            }
        }

        return finished;
    }

    private double Now() => Stopwatch.GetElapsedTime(started).TotalSeconds;

    private sealed class Silence(double since)
    {
        private double _since = since;

        public double Longest { get; private set; }

        public double Began { get; private set; } = since;

        public void Break(double now)
        {
            if (now - _since > Longest)
            {
                (Longest, Began) = (now - _since, _since);
            }

            _since = now;
        }
    }
}
