using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.OpenAi;

/// <summary>Reads a body and counts what is refused before a model is known.</summary>
internal sealed class BodyReader(GatewayOptions options, GatewayMetrics metrics)
{
    /// <summary>Reads and parses; the document is disposed with the HTTP request, parsed values may refer to it.</summary>
    public async Task<T> ReadAsync<T>(HttpContext context, Func<JsonFields, GatewayOptions, T> parse)
    {
        using Activity? span = GatewayTrace.Step("parse");
        try
        {
            JsonDocument document = await JsonBody.ReadAsync(context.Request, options.MaxBodyBytes);
            context.Response.RegisterForDispose(document);
            return parse(JsonFields.OfBody(document), options);
        }
        catch (ApiException refusal)
        {
            metrics.Of("").CountOutcome(DoorOutcome.Of(refusal.Error));
            throw;
        }
    }
}
