using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.OpenAi;

/// <summary>Reads a body and counts what is refused before a model is known.</summary>
internal sealed class BodyReader(GatewayOptions options, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>Reads and parses; the document is disposed with the HTTP request, parsed values may refer to it.</summary>
    public async Task<T> ReadAsync<T>(HttpContext context, Func<JsonFields, GatewayOptions, T> parse)
    {
        using Activity? span = GatewayTrace.Step("parse");
        long received = time.GetTimestamp();
        try
        {
            JsonDocument document = await JsonBody.ReadAsync(context.Request, options.MaxBodyBytes);
            context.Response.RegisterForDispose(document);
            T parsed = parse(JsonFields.OfBody(document), options);
            context.Features.Set(new RequestOrigin(context.Request.Path.Value ?? "", received, time.GetTimestamp()));
            return parsed;
        }
        catch (ApiException refusal)
        {
            metrics.Of("").CountOutcome(DoorOutcome.Of(refusal.Error));
            throw;
        }
    }
}
