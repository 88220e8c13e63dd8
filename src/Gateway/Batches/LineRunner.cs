using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Batches;

/// <summary>
/// Runs a request of a batch through the endpoint that a client's request would reach, in this process, with its error answers.
/// Limits of an API key on requests and tokens a minute are for its online requests. Any thread.
/// </summary>
internal sealed class LineRunner(IServiceProvider services, ILogger<ErrorMiddleware> logger)
{
    /// <summary>Routes that batches may be made for, where this gateway has them.</summary>
    public static readonly IReadOnlyList<string> Endpoints =
        ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings"];

    private readonly Lazy<Dictionary<string, RequestDelegate>> _routes = new(() => RoutesOf(services));

    /// <summary>Those of <see cref="Endpoints"/> that this gateway has.</summary>
    public IEnumerable<string> Known => Endpoints.Where(_routes.Value.ContainsKey);

    /// <summary>Runs a request to its end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; there is no answer.</exception>
    public async Task<LineAnswer> RunAsync(string endpoint, byte[] body, string owner, CancellationToken cancelled)
    {
        var answer = new MemoryStream();
        var response = new LineResponse();
        FeatureCollection features = new();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = HttpMethods.Post, Path = endpoint, Scheme = "http", Protocol = "HTTP/1.1", Body = new MemoryStream(body),
            Headers = new HeaderDictionary { ["Content-Type"] = "application/json", ContentLength = body.Length },
        });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancelled });
        features.Set(new LineFeature(owner));
        DefaultHttpContext context = new(features) { RequestServices = services };
        try
        {
            await new ErrorMiddleware(_routes.Value[endpoint], logger).InvokeAsync(context);
            await context.Response.CompleteAsync();
        }
        finally
        {
            await response.CompleteAsync();
        }

        cancelled.ThrowIfCancellationRequested();
        TimeSpan? wait = int.TryParse(context.Response.Headers.RetryAfter, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
        return new LineAnswer(context.Response.StatusCode, answer.ToArray(), wait);
    }

    private static Dictionary<string, RequestDelegate> RoutesOf(IServiceProvider services)
    {
        Dictionary<string, RequestDelegate> routes = [];
        foreach (RouteEndpoint route in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            string? path = route.RoutePattern.RawText;
            bool posts = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true;
            if (path is not null && posts && Endpoints.Contains(path) && route.RequestDelegate is { } run)
            {
                routes[path] = run;
            }
        }

        return routes;
    }
}
