using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace XLLM.Gateway.Console;

/// <summary>
/// GET / and /console/NAME: the web console. Its pages hold no data, so they need no key; what they show comes from the API, which does.
/// </summary>
internal static class ConsoleEndpoint
{
    // Scripts and styles of its own only: a model's answer that got into the page as markup could still not run or send anything.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task IndexAsync(HttpContext context) => SendAsync(context, "index.html");

    public static Task FileAsync(HttpContext context) => SendAsync(context, context.Request.RouteValues["name"] as string ?? "");

    /// <summary>Sends a file, or 404.</summary>
    public static async Task SendAsync(HttpContext context, string name)
    {
        HttpResponse response = context.Response;
        if (ConsoleFiles.Find(name) is not { } file)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        IHeaderDictionary headers = response.Headers;
        headers.ETag = file.Tag;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(new EntityTagHeaderValue(file.Tag), useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(file.Content, context.RequestAborted);
        }
    }
}
