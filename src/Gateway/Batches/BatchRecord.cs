using System.Text.Json;

namespace XLLM.Gateway.Batches;

/// <summary>A batch as the database has it. Times are seconds since 1970. Immutable.</summary>
internal sealed record BatchRecord
{
    public required string Id { get; init; }

    /// <summary>Name of the API key it belongs to; empty without keys.</summary>
    public required string Owner { get; init; }

    public required long Created { get; init; }

    public required string Endpoint { get; init; }

    public required string InputFile { get; init; }

    /// <summary>As given, e.g. <c>24h</c>.</summary>
    public required string Window { get; init; }

    public required long Expires { get; init; }

    /// <summary>JSON of an object; null = none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Seconds that its results are kept; null = until they are deleted.</summary>
    public long? OutputLifetime { get; init; }

    /// <summary>See <see cref="BatchStatus"/>.</summary>
    public string Status { get; init; } = BatchStatus.Validating;

    /// <summary>JSON of an array of faults found by validation; null = none.</summary>
    public string? Errors { get; init; }

    public string? OutputFile { get; init; }

    public string? ErrorFile { get; init; }

    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public long? InProgressAt { get; init; }

    public long? FinalizingAt { get; init; }

    public long? CompletedAt { get; init; }

    public long? FailedAt { get; init; }

    public long? ExpiredAt { get; init; }

    public long? CancellingAt { get; init; }

    public long? CancelledAt { get; init; }

    /// <summary>Grows with every process that takes the batch; only the last one may write.</summary>
    public long Epoch { get; init; }

    /// <summary>The process that works on it; null = none.</summary>
    public string? Runner { get; init; }

    /// <summary>When the runner's claim ends, or before which nobody shall take it; milliseconds since 1970.</summary>
    public long Lease { get; init; }

    /// <summary>Writes OpenAI's batch object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "batch");
        json.WriteString("endpoint", Endpoint);
        json.WritePropertyName("errors");
        if (Errors is { } errors)
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WritePropertyName("data");
            json.WriteRawValue(errors);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteString("input_file_id", InputFile);
        json.WriteString("completion_window", Window);
        json.WriteString("status", Status);
        json.WriteString("output_file_id", OutputFile);
        json.WriteString("error_file_id", ErrorFile);
        json.WriteNumber("created_at", Created);
        WriteTime(json, "in_progress_at", InProgressAt);
        json.WriteNumber("expires_at", Expires);
        WriteTime(json, "finalizing_at", FinalizingAt);
        WriteTime(json, "completed_at", CompletedAt);
        WriteTime(json, "failed_at", FailedAt);
        WriteTime(json, "expired_at", ExpiredAt);
        WriteTime(json, "cancelling_at", CancellingAt);
        WriteTime(json, "cancelled_at", CancelledAt);
        json.WriteStartObject("request_counts");
        json.WriteNumber("total", Total);
        json.WriteNumber("completed", Completed);
        json.WriteNumber("failed", Failed);
        json.WriteEndObject();
        json.WritePropertyName("metadata");
        json.WriteRawValue(Metadata ?? "null");
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long? seconds)
    {
        if (seconds is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
