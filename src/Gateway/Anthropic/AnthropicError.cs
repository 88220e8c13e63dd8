using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.Anthropic;

/// <summary>Errors in Anthropic's shape: <c>{"type":"error","error":{"type","message"},"request_id"}</c>.</summary>
internal static class AnthropicError
{
    /// <summary>Whether a path is of Anthropic's API.</summary>
    public static bool IsShapeOf(PathString path) => path.StartsWithSegments("/v1/messages", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the fields of an object whose <c>type</c> is <c>error</c>.</summary>
    public static void WriteFields(Utf8JsonWriter json, ApiError error, HttpContext context)
    {
        json.WriteStartObject("error");
        json.WriteString("type", TypeOf(error.Row.Status));
        json.WriteString("message", error.Message);
        json.WriteEndObject();
        json.WriteString("request_id", context.Features.Get<RequestRecord>()?.Id);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 or 405 => "not_found_error",
        408 or 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        < 500 => "invalid_request_error",
        _ => "api_error",
    };
}
