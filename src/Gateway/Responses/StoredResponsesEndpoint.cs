using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Responses;

/// <summary>What can be done with a stored response: get, delete, cancel, list its input.</summary>
internal sealed class StoredResponsesEndpoint(IResponseStore store, BackgroundRuns background)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    public Task GetAsync(HttpContext context)
    {
        StoredResponse found = Find(context);
        return context.Request.Query["stream"] == "true"
            ? throw ApiException.Unsupported("stream", "'stream' is not supported here; get the response when it is completed.")
            : WriteAsync(context, found.Json);
    }

    public async Task DeleteAsync(HttpContext context)
    {
        StoredResponse found = Find(context);
        store.Remove(found.Id);
        await background.CancelAsync(found.Id);
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", found.Id);
            json.WriteString("object", "response");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    public async Task CancelAsync(HttpContext context)
    {
        StoredResponse found = Find(context);
        if (!found.Background)
        {
            throw ApiException.Invalid("response_id", "Only responses that were created with 'background': true can be cancelled.");
        }

        // It runs here, or in another gateway that looks for such wishes.
        await background.CancelAsync(found.Id);
        store.RequestCancel(found.Id);
        await WriteAsync(context, Find(context).Json);
    }

    public Task ListInputAsync(HttpContext context)
    {
        StoredResponse found = Find(context);
        IQueryCollection query = context.Request.Query;
        int limit = QueryLimit.Of(query, DefaultLimit, MaxLimit);
        string order = query["order"].FirstOrDefault() ?? "desc";
        if (order is not ("asc" or "desc"))
        {
            throw ApiException.Invalid("order", "'order' must be 'asc' or 'desc'.");
        }

        ImmutableArray<(string Id, string Json)> items = [.. found.Input.Select(i => (IdOf(i), i))];
        items = order == "asc" ? items : [.. items.Reverse()];
        if (query["after"].FirstOrDefault() is { } after)
        {
            items = [.. items.SkipWhile(i => i.Id != after).Skip(1)];
        }

        return JsonAnswer.WriteAsync(context.Response, json => Write(json, items, limit));
    }

    private StoredResponse Find(HttpContext context)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        return store.Find(id) is { } found && found.Owner == ResponseOwner.Of(context)
            ? found
            : throw ApiException.Of(DoorErrors.UnknownResponse, $"There is no response with the id '{id}'.");
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<(string Id, string Json)> items, int limit)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach ((_, string item) in items.Take(limit))
        {
            json.WriteRawValue(item);
        }

        json.WriteEndArray();
        json.WriteString("first_id", items.Select(i => i.Id).FirstOrDefault());
        json.WriteString("last_id", items.Take(limit).Select(i => i.Id).LastOrDefault());
        json.WriteBoolean("has_more", items.Length > limit);
        json.WriteEndObject();
    }

    private static string IdOf(string item)
    {
        using JsonDocument document = JsonDocument.Parse(item);
        return document.RootElement.GetProperty("id").GetString() ?? "";
    }

    private static Task WriteAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, Encoding.UTF8);
    }
}
