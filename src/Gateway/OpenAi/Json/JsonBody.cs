using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.OpenAi.Json;

/// <summary>Reads a request's body as one JSON object, with limits on size and depth.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The body; dispose it.</summary>
    /// <exception cref="ApiException">Wrong media type, too large, not UTF-8, not JSON, not an object.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, long maxBytes)
    {
        // Also keeps web pages of other origins from posting here with a plain form.
        if (!request.HasJsonContentType())
        {
            throw ApiException.Of(DoorErrors.WrongMediaType, "The body must be sent as Content-Type: application/json.");
        }

        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw TooLarge(maxBytes);
            }

            if (read.IsCompleted)
            {
                // JsonDocument keeps the bytes it is given, and the pipe's buffers go back: it parses a copy of its own.
                byte[] body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return Parse(body);
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Parses a body that has been read. The document refers to <paramref name="utf8"/>.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            throw ApiException.Of(DoorErrors.InvalidJson, "The body is empty; a JSON object is expected.");
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw ApiException.Of(DoorErrors.InvalidJson, "The body is not valid UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException exception)
        {
            throw ApiException.Of(DoorErrors.InvalidJson, $"The body is not valid JSON: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            // Names are unescaped when duplicates are looked for.
            throw ApiException.Of(DoorErrors.InvalidJson, @"A name in the body has a \u escape that is half of a surrogate pair.");
        }
    }

    private static ApiException TooLarge(long maxBytes) =>
        ApiException.Of(DoorErrors.TooLarge, $"The body is larger than {maxBytes} bytes.");
}
