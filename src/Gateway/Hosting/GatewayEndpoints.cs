using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using XLLM.Gateway.Anthropic;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Cluster;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Console;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Files;
using XLLM.Gateway.Health;
using XLLM.Gateway.Keys;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Completions;
using XLLM.Gateway.OpenAi.Embeddings;
using XLLM.Gateway.OpenAi.Models;
using XLLM.Gateway.OpenAi.Rerank;
using XLLM.Gateway.OpenAi.Tokens;
using XLLM.Gateway.OpenApi;
using XLLM.Gateway.Responses;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Hosting;

/// <summary>The gateway's routes.</summary>
public static class GatewayEndpoints
{
    private const long DrainedBytes = 32 << 20;

    /// <summary>
    /// Adds the error handling and the routes: OpenAI's and Anthropic's API under /v1, /tokenize, /detokenize, /health, /metrics,
    /// /cluster and the console at /. Needs <see cref="GatewayServices.AddXllmGateway"/>.
    /// </summary>
    public static WebApplication MapXllmGateway(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<TraceMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<HostMiddleware>();
        app.UseMiddleware<ApiKeyMiddleware>();
        app.Use(LimitBodyAsync);
        IServiceProvider services = app.Services;
        app.MapPost("/v1/chat/completions", (RequestDelegate)services.GetRequiredService<ChatEndpoint>().HandleAsync);
        app.MapPost("/v1/completions", (RequestDelegate)services.GetRequiredService<CompletionEndpoint>().HandleAsync);
        app.MapPost("/v1/embeddings", (RequestDelegate)services.GetRequiredService<EmbeddingEndpoint>().HandleAsync);
        RequestDelegate rerank = services.GetRequiredService<RerankEndpoint>().HandleAsync;
        app.MapPost("/v1/rerank", rerank);
        app.MapPost("/rerank", rerank);
        MessagesEndpoint messages = services.GetRequiredService<MessagesEndpoint>();
        app.MapPost("/v1/messages", (RequestDelegate)messages.CreateAsync);
        app.MapPost("/v1/messages/count_tokens", (RequestDelegate)messages.CountAsync);
        MapResponses(app, services);
        MapFiles(app, services);
        ModelsEndpoint models = services.GetRequiredService<ModelsEndpoint>();
        app.MapGet("/v1/models", (RequestDelegate)models.ListAsync);
        // Names such as 'org/model' have a slash.
        app.MapGet("/v1/models/{**id}", context => models.GetAsync(context, context.Request.RouteValues["id"] as string ?? ""));
        app.MapPost("/tokenize", (RequestDelegate)services.GetRequiredService<TokenizeEndpoint>().HandleAsync);
        app.MapPost("/detokenize", (RequestDelegate)services.GetRequiredService<DetokenizeEndpoint>().HandleAsync);
        app.MapGet("/health/live", (RequestDelegate)HealthEndpoint.LiveAsync);
        app.MapGet("/health/ready", (RequestDelegate)services.GetRequiredService<HealthEndpoint>().ReadyAsync);
        app.MapGet("/metrics", (RequestDelegate)services.GetRequiredService<MetricsEndpoint>().HandleAsync);
        app.MapGet("/cluster", (RequestDelegate)services.GetRequiredService<ClusterEndpoint>().HandleAsync);
        app.MapGet("/cluster/integrity", (RequestDelegate)services.GetRequiredService<IntegrityEndpoint>().HandleAsync);
        RequestsEndpoint requests = services.GetRequiredService<RequestsEndpoint>();
        app.MapGet("/cluster/requests", (RequestDelegate)requests.ListAsync);
        app.MapGet("/cluster/requests/{id}", (RequestDelegate)requests.GetAsync);
        app.MapGet("/cluster/prefixes", (RequestDelegate)services.GetRequiredService<PrefixesEndpoint>().HandleAsync);
        KeysEndpoint keys = services.GetRequiredService<KeysEndpoint>();
        app.MapGet("/cluster/keys", (RequestDelegate)keys.ListAsync);
        app.MapPost("/cluster/keys", (RequestDelegate)keys.CreateAsync);
        app.MapDelete("/cluster/keys/{name}", (RequestDelegate)keys.RemoveAsync);
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        app.MapMethods("/", read, (RequestDelegate)ConsoleEndpoint.IndexAsync);
        app.MapMethods("/console/{name}", read, (RequestDelegate)ConsoleEndpoint.FileAsync);
        app.MapGet("/openapi.json", (RequestDelegate)services.GetRequiredService<OpenApiEndpoint>().DocumentAsync);
        app.MapMethods("/docs", read, (RequestDelegate)OpenApiEndpoint.PageAsync);
        app.MapMethods("/docs/{name}", read, (RequestDelegate)OpenApiEndpoint.FileAsync);
        // Instruments exist from now on and not from the first look.
        services.GetRequiredService<MeterCollector>();
        return app;
    }

    /// <summary>
    /// Adds /metrics with the process's meters alone, for a process that is no gateway. Needs
    /// <see cref="GatewayServices.AddXllmMetrics"/>.
    /// </summary>
    public static WebApplication MapXllmMetrics(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        MeterCollector meters = app.Services.GetRequiredService<MeterCollector>();
        app.MapGet("/metrics", context =>
        {
            var page = new PrometheusText();
            meters.Write(page);
            return MetricsEndpoint.WriteAsync(context, page);
        });
        return app;
    }

    private static void MapResponses(WebApplication app, IServiceProvider services)
    {
        app.MapPost("/v1/responses", (RequestDelegate)services.GetRequiredService<ResponsesEndpoint>().CreateAsync);
        StoredResponsesEndpoint stored = services.GetRequiredService<StoredResponsesEndpoint>();
        app.MapGet("/v1/responses/{id}", (RequestDelegate)stored.GetAsync);
        app.MapDelete("/v1/responses/{id}", (RequestDelegate)stored.DeleteAsync);
        app.MapPost("/v1/responses/{id}/cancel", (RequestDelegate)stored.CancelAsync);
        app.MapGet("/v1/responses/{id}/input_items", (RequestDelegate)stored.ListInputAsync);
    }

    private static void MapFiles(WebApplication app, IServiceProvider services)
    {
        FilesEndpoint files = services.GetRequiredService<FilesEndpoint>();
        app.MapPost("/v1/files", (RequestDelegate)files.CreateAsync);
        app.MapGet("/v1/files", (RequestDelegate)files.ListAsync);
        app.MapGet("/v1/files/{id}", (RequestDelegate)files.GetAsync);
        app.MapGet("/v1/files/{id}/content", (RequestDelegate)files.ContentAsync);
        app.MapDelete("/v1/files/{id}", (RequestDelegate)files.DeleteAsync);
        BatchesEndpoint batches = services.GetRequiredService<BatchesEndpoint>();
        app.MapPost("/v1/batches", (RequestDelegate)batches.CreateAsync);
        app.MapGet("/v1/batches", (RequestDelegate)batches.ListAsync);
        app.MapGet("/v1/batches/{id}", (RequestDelegate)batches.GetAsync);
        app.MapPost("/v1/batches/{id}/cancel", (RequestDelegate)batches.CancelAsync);
    }

    private static Task LimitBodyAsync(HttpContext context, RequestDelegate next)
    {
        // Whoever reads a body refuses more than MaxBodyBytes. Somewhat larger ones are still taken off the line after the answer: a
        // connection that is closed on what has not been read takes the 413 with it.
        long limit = context.RequestServices.GetRequiredService<GatewayOptions>().MaxBodyBytes + DrainedBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit;
        }

        return next(context);
    }
}
