using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Keys;

/// <summary>
/// When keys are on, lets only requests with a known key pass, whatever their route, but those for /health, the console's files and the API's
/// document, which tell nothing of anybody and in which the key is entered. An unknown route tells a stranger nothing.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, KeyRing keys)
{
    private const string Bearer = "Bearer ";
    private const int MaxKeyLength = 512;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!keys.IsOn || IsOpen(context.Request))
        {
            await next(context);
            return;
        }

        KeyAccount account = (KeyOf(context.Request) is { } key ? keys.Find(key) : null) ?? throw ApiException.Of(
            DoorErrors.BadKey,
            "A valid API key is needed: 'Authorization: Bearer KEY', or 'x-api-key: KEY'. Keys are made by 'xllm keys add'.");
        using KeyUse use = account.Enter();
        context.Features.Set(use);
        await next(context);
    }

    private static bool IsOpen(HttpRequest request) =>
        request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && (request.Path == "/" || request.Path == "/openapi.json"
                || request.Path.StartsWithSegments("/console", StringComparison.OrdinalIgnoreCase)
                || request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase)));

    private static string? KeyOf(HttpRequest request)
    {
        string authorization = request.Headers.Authorization.ToString();
        string key = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : request.Headers["x-api-key"].ToString();
        return key.Length is > 0 and <= MaxKeyLength ? key : null;
    }
}
