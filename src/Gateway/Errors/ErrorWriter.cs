using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Anthropic;

namespace XLLM.Gateway.Errors;

/// <summary>Writes errors in OpenAI's shape, <c>{"error":{"message","type","param","code"}}</c>, or Anthropic's for its routes.</summary>
internal static class ErrorWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with the error. The response must not have started.</summary>
    public static async Task WriteAsync(HttpResponse response, ApiError error)
    {
        string? allow = response.Headers.Allow;
        response.Clear();
        if (error.Row == DoorErrors.WrongMethod)
        {
            response.Headers.Allow = allow;
        }

        response.StatusCode = error.Row.Status;
        response.ContentType = "application/json";
        if (error.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        if (AnthropicError.IsShapeOf(response.HttpContext.Request.Path))
        {
            WriteAnthropic(buffer, error, response.HttpContext);
        }
        else
        {
            Write(buffer, error);
        }

        response.ContentLength = buffer.WrittenCount;
        await response.BodyWriter.WriteAsync(buffer.WrittenMemory);
    }

    private static void WriteAnthropic(IBufferWriter<byte> output, ApiError error, HttpContext context)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("type", "error");
        AnthropicError.WriteFields(json, error, context);
        json.WriteEndObject();
    }

    public static void Write(IBufferWriter<byte> output, ApiError error)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Row.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Row.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
