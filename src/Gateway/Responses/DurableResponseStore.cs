using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Responses;

/// <summary>
/// Keeps responses in the data folder's database for <see cref="GatewayOptions.ResponseLifetime"/>, up to a size for each API
/// key; the oldest are forgotten first. A response that ran in the background in a process that is gone is failed, with the
/// reason. Any thread.
/// </summary>
internal sealed class DurableResponseStore(GatewayStorage storage, GatewayOptions options, TimeProvider time) : IResponseStore
{
    private const string Gone =
        "The server that ran this response stopped before it was finished. What it had written is lost; "
        + "create the response again.";

    private readonly GatewayDatabase _database = storage.Database!;
    private readonly GatewayPresence _presence = storage.Presence!;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public void Put(StoredResponse response)
    {
        string input = ToJson(response.Input);
        string transcript = ToJson(response.Transcript);
        long bytes = (long)Encoding.UTF8.GetByteCount(response.Json)
            + Encoding.UTF8.GetByteCount(input) + Encoding.UTF8.GetByteCount(transcript);
        long expires = Now + (long)options.ResponseLifetime.TotalSeconds;
        using SqliteConnection connection = _database.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        GatewayDatabase.Run(
            connection,
            "INSERT INTO responses (id, owner, expires, bytes, background, runner, json, input, transcript) "
            + "VALUES ($id, $owner, $expires, $bytes, $background, $runner, $json, $input, $transcript) "
            + "ON CONFLICT (id) DO UPDATE SET bytes = $bytes, runner = $runner, json = $json, input = $input, "
            + "transcript = $transcript",
            "$id", response.Id, "$owner", response.Owner, "$expires", expires, "$bytes", bytes,
            "$background", response.Background ? 1 : 0, "$runner", response.Running ? _presence.Id : null, "$json", response.Json,
            "$input", input, "$transcript", transcript);
        Forget(connection, response.Owner);
        transaction.Commit();
    }

    public StoredResponse? Find(string id)
    {
        using SqliteConnection connection = _database.Open();
        (StoredResponse Response, string? Runner)? found = Read(connection, id);
        if (found is { Runner: { } runner } && !_presence.IsAlive(runner))
        {
            FailOf(connection, runner);
            found = Read(connection, id);
        }

        return found?.Response;
    }

    public bool Remove(string id)
    {
        using SqliteConnection connection = _database.Open();
        return GatewayDatabase.Run(connection, "DELETE FROM responses WHERE id = $id", "$id", id) > 0;
    }

    public void RequestCancel(string id)
    {
        using SqliteConnection connection = _database.Open();
        GatewayDatabase.Run(connection, "UPDATE responses SET cancel = 1 WHERE id = $id AND runner IS NOT NULL", "$id", id);
    }

    public IReadOnlyList<string> ListCancelled()
    {
        using SqliteConnection connection = _database.Open();
        return Texts(connection, "SELECT id FROM responses WHERE runner = $me AND cancel = 1", "$me", _presence.Id);
    }

    /// <summary>Removes what has expired, and fails what ran in processes that are gone.</summary>
    public void Sweep()
    {
        using SqliteConnection connection = _database.Open();
        GatewayDatabase.Run(connection, "DELETE FROM responses WHERE expires <= $now", "$now", Now);
        foreach (string runner in Texts(connection, "SELECT DISTINCT runner FROM responses WHERE runner IS NOT NULL"))
        {
            if (!_presence.IsAlive(runner))
            {
                FailOf(connection, runner);
            }
        }
    }

    private void Forget(SqliteConnection connection, string owner)
    {
        long over = (long)GatewayDatabase.Scalar(
            connection, "SELECT COALESCE(SUM(bytes), 0) FROM responses WHERE owner = $owner", "$owner", owner)!
            - options.MaxKeyResponseBytes;
        while (over > 0)
        {
            over -= (long?)GatewayDatabase.Scalar(
                connection,
                "DELETE FROM responses "
                + "WHERE seq = (SELECT seq FROM responses WHERE owner = $owner ORDER BY seq LIMIT 1) RETURNING bytes",
                "$owner", owner) ?? over;
        }
    }

    private (StoredResponse Response, string? Runner)? Read(SqliteConnection connection, string id)
    {
        using SqliteCommand command = GatewayDatabase.Command(
            connection,
            "SELECT id, owner, json, input, transcript, background, runner FROM responses WHERE id = $id AND expires > $now",
            "$id", id, "$now", Now);
        using SqliteDataReader row = command.ExecuteReader();
        if (!row.Read())
        {
            return null;
        }

        string? runner = row.IsDBNull(6) ? null : row.GetString(6);
        return (
            new StoredResponse
            {
                Id = row.GetString(0),
                Owner = row.GetString(1),
                Json = row.GetString(2),
                Input = OfJson(row.GetString(3)),
                Transcript = OfJson(row.GetString(4)),
                Background = row.GetInt64(5) != 0,
                Running = runner is not null,
            },
            runner);
    }

    private static void FailOf(SqliteConnection connection, string runner)
    {
        foreach (string id in Texts(connection, "SELECT id FROM responses WHERE runner = $runner", "$runner", runner))
        {
            string? json = (string?)GatewayDatabase.Scalar(
                connection, "SELECT json FROM responses WHERE id = $id AND runner = $runner", "$id", id, "$runner", runner);
            if (json is null || JsonNode.Parse(json) is not JsonObject response)
            {
                continue;
            }

            response["status"] = "failed";
            response["error"] = new JsonObject { ["code"] = "server_error", ["message"] = Gone };
            GatewayDatabase.Run(
                connection, "UPDATE responses SET json = $json, runner = NULL WHERE id = $id AND runner = $runner",
                "$id", id, "$runner", runner, "$json", response.ToJsonString());
        }
    }

    private static List<string> Texts(SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        using SqliteCommand command = GatewayDatabase.Command(connection, sql, parameters);
        using SqliteDataReader reader = command.ExecuteReader();
        List<string> texts = [];
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private static string ToJson(ImmutableArray<string> items) => JsonSerializer.Serialize(items.ToArray());

    private static ImmutableArray<string> OfJson(string json) => [.. JsonSerializer.Deserialize<string[]>(json)!];
}
