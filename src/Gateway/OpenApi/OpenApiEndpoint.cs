using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Console;

namespace XLLM.Gateway.OpenApi;

/// <summary>GET /openapi.json and the page that shows it, /docs.</summary>
internal sealed class OpenApiEndpoint(GatewayOptions options)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Lazy<byte[]> _document =
        new(() => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(ApiDocument.Build(options), Indented));

    public Task DocumentAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = _document.Value.Length;
        return context.Response.Body.WriteAsync(_document.Value, context.RequestAborted).AsTask();
    }

    public static Task PageAsync(HttpContext context) => ConsoleEndpoint.SendAsync(context, "docs/index.html");

    public static Task FileAsync(HttpContext context) =>
        ConsoleEndpoint.SendAsync(context, "docs/" + context.Request.RouteValues["name"]);
}
