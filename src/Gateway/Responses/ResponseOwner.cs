using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Keys;

namespace XLLM.Gateway.Responses;

/// <summary>Whose a response is.</summary>
internal static class ResponseOwner
{
    /// <summary>Name of the request's API key, or of its batch's; empty without keys.</summary>
    public static string Of(HttpContext context) =>
        context.Features.Get<KeyUse>()?.Name ?? context.Features.Get<LineFeature>()?.Owner ?? "";
}
