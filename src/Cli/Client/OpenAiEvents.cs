using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace XLLM.Cli.Client;

/// <summary>Server-sent events of OpenAI's APIs.</summary>
internal static class OpenAiEvents
{
    /// <summary>
    /// The chunks of a streamed answer as they come, up to <c>[DONE]</c>. Throws <see cref="OpenAiErrorException"/> for an error in the
    /// stream, <see cref="JsonException"/> for what is no JSON, and <see cref="IOException"/> when it ends without <c>[DONE]</c>.
    /// </summary>
    public static async IAsyncEnumerable<JsonElement> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SseParser<JsonElement?> events = SseParser.Create(stream, (_, data) => Parse(data));
        await foreach (SseItem<JsonElement?> item in events.EnumerateAsync(cancellationToken))
        {
            if (item.Data is not { } chunk)
            {
                yield break;
            }

            if (chunk.ValueKind == JsonValueKind.Object && chunk.TryGetProperty("error", out JsonElement error)
                && error.ValueKind != JsonValueKind.Null)
            {
                throw new OpenAiErrorException(OpenAiErrorException.MessageOf(chunk) ?? error.ToString());
            }

            yield return chunk;
        }

        throw new IOException("The stream broke off.");
    }

    /// <summary>Null = the end.</summary>
    private static JsonElement? Parse(ReadOnlySpan<byte> data)
    {
        if (data.Trim((byte)' ').SequenceEqual("[DONE]"u8))
        {
            return null;
        }

        Utf8JsonReader reader = new(data);
        return JsonElement.ParseValue(ref reader);
    }
}
