using Microsoft.Data.Sqlite;
using XLLM.Gateway.Files;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>
/// The batches in the database. A process works on a batch under a claim: a runner and an epoch that grows with each claim. What
/// it writes is written under its epoch or not at all, in one transaction with the look, so that a process that was taken for
/// dead and comes back changes nothing. Any thread.
/// </summary>
internal sealed class BatchStore(GatewayDatabase database, TimeProvider time)
{
    private const string Columns =
        "id, owner, created, endpoint, input_file, window, expires, metadata, output_lifetime, status, errors, output_file, "
        + "error_file, total, completed, failed, in_progress_at, finalizing_at, completed_at, failed_at, expired_at, "
        + "cancelling_at, cancelled_at, epoch, runner, lease, seq";

    private const string Open = "('validating', 'in_progress', 'finalizing', 'cancelling')";

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private long NowMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Add(BatchRecord batch)
    {
        using SqliteConnection connection = database.Open();
        GatewayDatabase.Run(
            connection,
            "INSERT INTO batches (id, owner, created, endpoint, input_file, window, expires, metadata, output_lifetime, status) "
            + "VALUES ($id, $owner, $created, $endpoint, $input, $window, $expires, $metadata, $lifetime, $status)",
            "$id", batch.Id, "$owner", batch.Owner, "$created", batch.Created, "$endpoint", batch.Endpoint,
            "$input", batch.InputFile, "$window", batch.Window, "$expires", batch.Expires, "$metadata", batch.Metadata,
            "$lifetime", batch.OutputLifetime,
            "$status", batch.Status);
    }

    /// <summary>A batch of that owner; null = there is none.</summary>
    public BatchRecord? Find(string id, string owner)
    {
        using SqliteConnection connection = database.Open();
        return Select(connection, "WHERE id = $id AND owner = $owner", "$id", id, "$owner", owner).FirstOrDefault();
    }

    /// <summary>A page of an owner's batches; null = the batch to begin after is not there.</summary>
    public (IReadOnlyList<BatchRecord> Batches, bool More)? List(string owner, ListQuery query)
    {
        using SqliteConnection connection = database.Open();
        if (!query.TrySeek(connection, "batches", owner, out long? after))
        {
            return null;
        }

        List<BatchRecord> batches = Select(
            connection, $"WHERE owner = $owner AND ($after IS NULL OR seq {query.Beyond} $after) {query.OrderBy} LIMIT $limit",
            "$owner", owner, "$after", after, "$limit", query.Limit + 1);
        bool more = batches.Count > query.Limit;
        return (more ? batches[..query.Limit] : batches, more);
    }

    /// <summary>
    /// Asks for a batch to be cancelled, if it is not ending already; gives it as it is then, null = there is none.
    /// </summary>
    public BatchRecord? Cancel(string id, string owner)
    {
        using SqliteConnection connection = database.Open();
        GatewayDatabase.Run(
            connection,
            "UPDATE batches SET status = 'cancelling', cancelling_at = $now "
            + "WHERE id = $id AND owner = $owner AND status IN ('validating', 'in_progress')",
            "$id", id, "$owner", owner, "$now", Now);
        return Select(connection, "WHERE id = $id AND owner = $owner", "$id", id, "$owner", owner).FirstOrDefault();
    }

    /// <summary>Batches that are not over, oldest first.</summary>
    public IReadOnlyList<BatchRecord> ListOpen()
    {
        using SqliteConnection connection = database.Open();
        return Select(connection, $"WHERE status IN {Open} ORDER BY seq");
    }

    /// <summary>Number of batches by state.</summary>
    public IReadOnlyDictionary<string, long> CountByStatus()
    {
        using SqliteConnection connection = database.Open();
        using SqliteCommand command = GatewayDatabase.Command(connection, "SELECT status, COUNT(*) FROM batches GROUP BY status");
        using SqliteDataReader reader = command.ExecuteReader();
        Dictionary<string, long> counts = [];
        while (reader.Read())
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>Takes a batch over as it was seen; null = somebody was quicker.</summary>
    public BatchRecord? Claim(BatchRecord seen, string runner, TimeSpan lease)
    {
        using SqliteConnection connection = database.Open();
        int rows = GatewayDatabase.Run(
            connection,
            "UPDATE batches SET epoch = epoch + 1, runner = $runner, lease = $lease "
            + $"WHERE id = $id AND epoch = $epoch AND status IN {Open}",
            "$id", seen.Id, "$epoch", seen.Epoch, "$runner", runner, "$lease", NowMilliseconds + (long)lease.TotalMilliseconds);
        return rows == 1 ? Select(connection, "WHERE id = $id", "$id", seen.Id).FirstOrDefault() : null;
    }

    /// <summary>Gives a claim back; nobody shall take the batch before <paramref name="notBefore"/> has passed.</summary>
    public void Release(BatchRecord claim, TimeSpan notBefore)
    {
        using SqliteConnection connection = database.Open();
        GatewayDatabase.Run(
            connection, "UPDATE batches SET runner = NULL, lease = $lease WHERE id = $id AND epoch = $epoch",
            "$id", claim.Id, "$epoch", claim.Epoch, "$lease", NowMilliseconds + (long)notBefore.TotalMilliseconds);
    }

    /// <summary>Extends a claim and writes how far it is; gives the batch's state, null = the claim is lost.</summary>
    public string? Renew(BatchRecord claim, TimeSpan lease, int completed, int failed)
    {
        using SqliteConnection connection = database.Open();
        return (string?)GatewayDatabase.Scalar(
            connection,
            "UPDATE batches SET lease = $lease, completed = $completed, failed = $failed "
            + "WHERE id = $id AND epoch = $epoch RETURNING status",
            "$id", claim.Id, "$epoch", claim.Epoch, "$lease", NowMilliseconds + (long)lease.TotalMilliseconds,
            "$completed", completed, "$failed", failed);
    }

    /// <summary>The state of a claimed batch; null = the claim is lost.</summary>
    public string? StatusOf(BatchRecord claim)
    {
        using SqliteConnection connection = database.Open();
        return (string?)GatewayDatabase.Scalar(
            connection, "SELECT status FROM batches WHERE id = $id AND epoch = $epoch", "$id", claim.Id, "$epoch", claim.Epoch);
    }

    /// <summary>Its lines are sound and run now; false = it is no longer being validated, or the claim is lost.</summary>
    public bool Begin(BatchRecord claim, int total)
    {
        using SqliteConnection connection = database.Open();
        return GatewayDatabase.Run(
            connection,
            "UPDATE batches SET status = 'in_progress', in_progress_at = $now, total = $total "
            + "WHERE id = $id AND epoch = $epoch AND status = 'validating'",
            "$id", claim.Id, "$epoch", claim.Epoch, "$now", Now, "$total", total) == 1;
    }

    /// <summary>Its lines are not sound; false = the claim is lost.</summary>
    public bool Fail(BatchRecord claim, string errors)
    {
        using SqliteConnection connection = database.Open();
        return GatewayDatabase.Run(
            connection,
            "UPDATE batches SET status = 'failed', failed_at = $now, errors = $errors, runner = NULL "
            + "WHERE id = $id AND epoch = $epoch",
            "$id", claim.Id, "$epoch", claim.Epoch, "$now", Now, "$errors", errors) == 1;
    }

    /// <summary>No more of its lines run; false = it was cancelled at the last moment, or the claim is lost.</summary>
    public bool BeginFinalizing(BatchRecord claim)
    {
        using SqliteConnection connection = database.Open();
        return GatewayDatabase.Run(
            connection,
            "UPDATE batches SET status = 'finalizing', finalizing_at = COALESCE(finalizing_at, $now) "
            + "WHERE id = $id AND epoch = $epoch AND status IN ('validating', 'in_progress', 'finalizing')",
            "$id", claim.Id, "$epoch", claim.Epoch, "$now", Now) == 1;
    }

    /// <summary>Ends a batch and makes its files known, both or none; false = the claim is lost.</summary>
    public bool End(BatchRecord claim, BatchEnd end)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        int rows = GatewayDatabase.Run(
            connection,
            $"UPDATE batches SET status = $status, {end.Status}_at = $now, output_file = $output, error_file = $errors, "
            + $"completed = $completed, failed = $failed, runner = NULL WHERE id = $id AND epoch = $epoch AND status IN {Open}",
            "$id", claim.Id, "$epoch", claim.Epoch, "$now", Now, "$status", end.Status, "$output", end.Output?.Id,
            "$errors", end.Errors?.Id, "$completed", end.Completed, "$failed", end.Failed);
        if (rows != 1)
        {
            return false;
        }

        foreach (StoredFile? file in (StoredFile?[])[end.Output, end.Errors])
        {
            if (file is not null)
            {
                FileStore.Insert(connection, file);
            }
        }

        transaction.Commit();
        return true;
    }

    private static List<BatchRecord> Select(SqliteConnection connection, string rest, params ReadOnlySpan<object?> parameters)
    {
        using SqliteCommand command = GatewayDatabase.Command(connection, $"SELECT {Columns} FROM batches {rest}", parameters);
        using SqliteDataReader reader = command.ExecuteReader();
        List<BatchRecord> batches = [];
        while (reader.Read())
        {
            batches.Add(Read(reader));
        }

        return batches;
    }

    private static BatchRecord Read(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Owner = row.GetString(1),
        Created = row.GetInt64(2),
        Endpoint = row.GetString(3),
        InputFile = row.GetString(4),
        Window = row.GetString(5),
        Expires = row.GetInt64(6),
        Metadata = Text(row, 7),
        OutputLifetime = Number(row, 8),
        Status = row.GetString(9),
        Errors = Text(row, 10),
        OutputFile = Text(row, 11),
        ErrorFile = Text(row, 12),
        Total = row.GetInt32(13),
        Completed = row.GetInt32(14),
        Failed = row.GetInt32(15),
        InProgressAt = Number(row, 16),
        FinalizingAt = Number(row, 17),
        CompletedAt = Number(row, 18),
        FailedAt = Number(row, 19),
        ExpiredAt = Number(row, 20),
        CancellingAt = Number(row, 21),
        CancelledAt = Number(row, 22),
        Epoch = row.GetInt64(23),
        Runner = Text(row, 24),
        Lease = row.GetInt64(25),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
