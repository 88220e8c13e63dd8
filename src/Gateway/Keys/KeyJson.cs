using System.Text.Json;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Keys;

/// <summary>
/// A key as /cluster/keys tells it. What it has used is counted by this gateway since its start, or the key's last change.
/// </summary>
internal static class KeyJson
{
    /// <summary>Without the object's braces.</summary>
    public static void WriteFields(Utf8JsonWriter json, KeyAccount account, bool isOwn)
    {
        ApiKeyRecord key = account.Key;
        json.WriteString("name", key.Name);
        json.WriteNumber("created_at", key.Created.ToUnixTimeSeconds());
        json.WriteBoolean("admin", key.IsAdmin);
        json.WriteString("priority", PriorityNames.Of(key.HighestPriority));
        json.WriteBoolean("own", isOwn);
        Write(json, "requests_per_minute", key.RequestsPerMinute);
        Write(json, "tokens_per_minute", key.TokensPerMinute);
        Write(json, "concurrency", key.Concurrency);
        json.WriteStartObject("usage");
        json.WriteNumber("requests", account.Requests);
        json.WriteNumber("tokens", account.Tokens);
        json.WriteNumber("running", account.Running);
        Write(json, "requests_left", account.RequestsLeft);
        Write(json, "tokens_left", account.TokensLeft);
        Write(json, "last_used_at", account.LastUsed?.ToUnixTimeSeconds());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
