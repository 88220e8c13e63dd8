using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Keys;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Timelines;

/// <summary>
/// GET /cluster/requests and /cluster/requests/ID: the newest requests of this gateway and the steps of one. No texts. With keys a
/// request is seen by the key it came with, and by admins.
/// </summary>
internal sealed class RequestsEndpoint(RecentRequests recent, RequestObjective objective, IRequestBackend backend, TimeProvider time)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task ListAsync(HttpContext context)
    {
        int limit = QueryLimit.Of(context.Request.Query, DefaultLimit, MaxLimit);
        GenerationRecord[] all = [.. recent.Snapshot().Where(r => KeyUse.MaySee(context, r.Owner))];
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (GenerationRecord record in all.Take(limit))
            {
                json.WriteStartObject();
                RequestJson.WriteFields(json, record, objective);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("has_more", all.Length > limit);
            json.WriteEndObject();
        });
    }

    /// <summary>ID: the request's, or its answer's.</summary>
    public async Task GetAsync(HttpContext context)
    {
        GenerationRecord? record = recent.Find(context.Request.RouteValues["id"] as string ?? "");
        if (record is null || !KeyUse.MaySee(context, record.Owner))
        {
            throw ApiException.Of(
                DoorErrors.UnknownRequest,
                "This gateway remembers no such request of yours; it keeps the newest 'Gateway:MaxRecentRequests'.");
        }

        if (!record.HasEnded && record.Runs is [.., { Run: > 0 }])
        {
            await LookAgainAsync(record);
        }

        await JsonAnswer.WriteAsync(context.Response, json => RequestJson.WriteWhole(json, record, objective));
    }

    // What a request that has moved did since its submit was answered only its grain knows.
    private async Task LookAgainAsync(GenerationRecord record)
    {
        try
        {
            record.SetStarts(await backend.GetStartsAsync(record.Id).WaitAsync(Patience, time));
        }
        catch (Exception)
        {
            // What is known has to do.
        }
    }
}
