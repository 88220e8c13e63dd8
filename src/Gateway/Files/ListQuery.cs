using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Files;

/// <summary>Which page of a list is wanted.</summary>
/// <param name="Limit">At most so many.</param>
/// <param name="After">Id of the last one of the page before; null = from the beginning.</param>
/// <param name="Ascending">Oldest first.</param>
internal sealed record ListQuery(int Limit, string? After, bool Ascending)
{
    /// <summary>SQL: what is on the far side of a sequence number.</summary>
    public string Beyond => Ascending ? ">" : "<";

    /// <summary>SQL.</summary>
    public string OrderBy => Ascending ? "ORDER BY seq ASC" : "ORDER BY seq DESC";

    /// <exception cref="ApiException">A parameter is wrong.</exception>
    public static ListQuery Read(IQueryCollection query, int defaultLimit, int maxLimit)
    {
        int limit = QueryLimit.Of(query, defaultLimit, maxLimit);
        string order = query["order"].FirstOrDefault() ?? "desc";
        if (order is not ("asc" or "desc"))
        {
            throw ApiException.Invalid("order", "'order' must be 'asc' or 'desc'.");
        }

        string? after = query["after"].FirstOrDefault();
        return new ListQuery(limit, string.IsNullOrEmpty(after) ? null : after, order == "asc");
    }

    /// <summary>
    /// Finds the sequence number that the page begins after, null = from the beginning. False: the table has no such item of the owner.
    /// </summary>
    public bool TrySeek(SqliteConnection connection, string table, string owner, out long? after)
    {
        after = After is null
            ? null
            : (long?)GatewayDatabase.Scalar(
                connection, $"SELECT seq FROM {table} WHERE id = $id AND owner = $owner", "$id", After, "$owner", owner);
        return After is null || after is not null;
    }

    /// <summary>Writes OpenAI's list object.</summary>
    public static void Write<T>(Utf8JsonWriter json, IReadOnlyList<T> items, bool more, Func<T, string> id, Action<T> write)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (T item in items)
        {
            write(item);
        }

        json.WriteEndArray();
        json.WriteString("first_id", items.Count > 0 ? id(items[0]) : null);
        json.WriteString("last_id", items.Count > 0 ? id(items[^1]) : null);
        json.WriteBoolean("has_more", more);
        json.WriteEndObject();
    }
}
