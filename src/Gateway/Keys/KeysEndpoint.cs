using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Keys;

/// <summary>
/// /cluster/keys: the keys of <c>Gateway:ApiKeysFile</c>, for admin keys alone. A new key is told once, in the answer to its making.
/// Nothing here works without a key in a header, which no other web page can send.
/// </summary>
internal sealed class KeysEndpoint(KeyRing ring, GatewayOptions options, TimeProvider time, ILogger<KeysEndpoint> logger)
{
    private const int MaxNameLength = 64;

    /// <summary>GET: names, limits and use; never a key or its hash.</summary>
    public async Task ListAsync(HttpContext context)
    {
        KeyUse? admin = ring.IsOn ? AdminOf(context) : null;
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteBoolean("keys_needed", ring.IsOn);
            json.WriteStartArray("data");
            foreach (KeyAccount account in ring.All())
            {
                json.WriteStartObject();
                KeyJson.WriteFields(json, account, isOwn: account.Key.Name == admin?.Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>POST: makes a key.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        KeyUse admin = AdminOf(context);
        using JsonDocument body = await JsonBody.ReadAsync(context.Request, options.MaxBodyBytes);
        ApiKeyRecord record = Parse(JsonFields.OfBody(body));
        string key = ApiKeyText.New();
        record = record with { Hash = ApiKeyText.HashOf(key), Created = time.GetUtcNow() };
        if (ApiKeyFile.FaultOf(record) is { } fault)
        {
            throw ApiException.Invalid("name", fault);
        }

        Change(keys => keys.Any(k => k.Name == record.Name)
            ? throw ApiException.Invalid("name", $"There is a key with the name '{record.Name}' already.")
            : [.. keys, record]);
        logger.KeyMade(record.Name, admin.Name);
        // A proxy or the browser's cache is no place for it.
        context.Response.Headers.CacheControl = "no-store";
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            KeyJson.WriteFields(json, new KeyAccount(record, time), isOwn: false);
            json.WriteEndObject();
        });
    }

    /// <summary>DELETE /cluster/keys/NAME: the key is refused from then on.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        KeyUse admin = AdminOf(context);
        string name = context.Request.RouteValues["name"] as string ?? "";
        if (name == admin.Name)
        {
            throw ApiException.Invalid("name", "A key cannot remove itself; use another admin's, or 'xllm keys remove'.");
        }

        Change(keys => keys.Any(k => k.Name == name)
            ? [.. keys.Where(k => k.Name != name)]
            : throw ApiException.Of(DoorErrors.UnknownKey, $"There is no key with the name '{name}'."));
        logger.KeyRemoved(name, admin.Name);
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    private static ApiKeyRecord Parse(JsonFields fields) => new()
    {
        Name = fields.Text("name", MaxNameLength) ?? throw ApiException.Invalid("name", "'name' is required."),
        Hash = "",
        RequestsPerMinute = fields.Int32("requests_per_minute", 1, 1_000_000),
        TokensPerMinute = fields.Int32("tokens_per_minute", 1, 1_000_000_000),
        Concurrency = fields.Int32("concurrency", 1, 1_000_000),
        Priority = fields.Text("priority", MaxNameLength),
        IsAdmin = fields.Flag("admin"),
    };

    private static KeyUse AdminOf(HttpContext context) => context.Features.Get<KeyUse>() is { IsAdmin: true } use
        ? use
        : throw ApiException.Of(
            DoorErrors.AdminOnly,
            "Keys are managed with an admin's key: 'xllm keys add NAME --admin'. Without 'Gateway:ApiKeysFile' there are none.");

    private void Change(Func<IReadOnlyList<ApiKeyRecord>, IReadOnlyList<ApiKeyRecord>> change)
    {
        try
        {
            ring.Change(change);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            logger.KeysNotWritten(exception);
            throw ApiException.Of(DoorErrors.KeysNotWritten, "The file of keys could not be changed; the server's log says why.");
        }
    }
}
