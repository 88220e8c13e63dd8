using System.Text.Json;

namespace XLLM.Gateway.Files;

/// <summary>A file as it is listed. Immutable.</summary>
internal sealed record StoredFile
{
    public required string Id { get; init; }

    /// <summary>Name of the API key it belongs to; empty without keys.</summary>
    public required string Owner { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long Created { get; init; }

    /// <summary>Seconds since 1970; null = never.</summary>
    public long? Expires { get; init; }

    public required long Bytes { get; init; }

    /// <summary>As the client gave it; never part of a path.</summary>
    public required string Name { get; init; }

    public required string Purpose { get; init; }

    /// <summary>Writes OpenAI's file object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "file");
        json.WriteNumber("bytes", Bytes);
        json.WriteNumber("created_at", Created);
        if (Expires is { } expires)
        {
            json.WriteNumber("expires_at", expires);
        }
        else
        {
            json.WriteNull("expires_at");
        }

        json.WriteString("filename", Name);
        json.WriteString("purpose", Purpose);
        json.WriteString("status", "processed");
        json.WriteNull("status_details");
        json.WriteEndObject();
    }
}
