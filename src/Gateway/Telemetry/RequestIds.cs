using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Anthropic;

namespace XLLM.Gateway.Telemetry;

/// <summary>
/// Ids of HTTP requests, in headers and logs only: nothing inside the house is found by an id that a client may choose.
/// </summary>
internal static class RequestIds
{
    public const string Header = "x-request-id";

    // Anthropic's clients read it under this name.
    private const string AnthropicHeader = "request-id";
    private const int MaxLength = 128;

    /// <summary>The client's id when it is 1 to 128 letters, digits, dots, colons, hyphens and underscores, else a new one.</summary>
    public static string Of(HttpRequest request)
    {
        string given = request.Headers[Header].ToString();
        return given.Length is > 0 and <= MaxLength && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-' or '_')
            ? given
            : "req_" + Guid.NewGuid().ToString("N");
    }

    /// <summary>Gives the id back with the answer, whoever writes it.</summary>
    public static void Tell(HttpContext context, string id) => context.Response.OnStarting(
        static state =>
        {
            (HttpContext context, string id) = ((HttpContext, string))state;
            context.Response.Headers[Header] = id;
            if (AnthropicError.IsShapeOf(context.Request.Path))
            {
                context.Response.Headers[AnthropicHeader] = id;
            }

            return Task.CompletedTask;
        },
        (context, id));
}
