using System.Net;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Keys;

/// <summary>
/// On the loopback, answers only to names of the loopback: a web page whose name was bound to 127.0.0.1 after it was loaded (DNS
/// rebinding) sends its own name as Host, and a page of another origin sends that as Origin.
/// </summary>
internal sealed class HostMiddleware(RequestDelegate next, GatewayOptions options)
{
    private readonly HashSet<string> _allowed = new(options.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local))
        {
            Check("Host", context.Request.Host.Host);
            string origin = context.Request.Headers.Origin.ToString();
            if (origin.Length > 0)
            {
                Check("Origin", Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) ? uri.Host : origin);
            }
        }

        return next(context);
    }

    private void Check(string header, string host)
    {
        if (!IsLoopback(host) && !_allowed.Contains(host))
        {
            throw ApiException.Of(
                DoorErrors.ForbiddenHost,
                $"The {header} header names a host that this server on the loopback does not answer to; see 'Gateway:AllowedHosts'.");
        }
    }

    private static bool IsLoopback(string host) =>
        host.Length == 0
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
