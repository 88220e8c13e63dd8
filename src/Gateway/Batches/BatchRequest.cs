using System.Globalization;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Batches;

/// <summary>A request for a batch, checked.</summary>
internal sealed record BatchRequest(
    string InputFile, string Endpoint, string Window, TimeSpan Length, string? Metadata, long? OutputLifetime)
{
    private const int MaxText = 64;
    private const int MaxPairs = 16;
    private const int MaxValue = 512;
    private const long ShortestLife = 3600;
    private const long LongestLife = 2_592_000;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <exception cref="ApiException">A field is missing or wrong.</exception>
    public static BatchRequest Parse(JsonFields body, IEnumerable<string> endpoints)
    {
        string input = Required(body, "input_file_id");
        string endpoint = Required(body, "endpoint");
        if (!endpoints.Contains(endpoint))
        {
            throw ApiException.Invalid(
                "endpoint", $"'endpoint' is '{endpoint}'; it must be one of {string.Join(", ", endpoints)}.");
        }

        string window = Required(body, "completion_window");
        return new BatchRequest(input, endpoint, window, LengthOf(window), ReadMetadata(body), ReadLifetime(body));
    }

    private static string Required(JsonFields body, string name)
    {
        body.Required(name);
        return body.Text(name, MaxText)!;
    }

    private static TimeSpan LengthOf(string window)
    {
        bool whole = int.TryParse(
            window.AsSpan(0, Math.Max(0, window.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number is > 0 and <= 100_000;
        TimeSpan? length = !whole ? null : window[^1] switch
        {
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
        return length <= Longest
            ? length.Value
            : throw ApiException.Invalid(
                "completion_window",
                "'completion_window' must be a number of minutes, hours or days up to 7 days, such as '24h'.");
    }

    private static string? ReadMetadata(JsonFields body)
    {
        if (!body.TryGet("metadata", out JsonElement metadata))
        {
            return null;
        }

        JsonFields.Of(metadata, "metadata");
        JsonValues.CheckTexts(metadata, "metadata");
        if (metadata.GetPropertyCount() > MaxPairs)
        {
            throw ApiException.Invalid(
                "metadata", $"'metadata' has {metadata.GetPropertyCount()} pairs; at most {MaxPairs} are allowed.");
        }

        foreach (JsonProperty pair in metadata.EnumerateObject())
        {
            if (pair.Name.Length > MaxText)
            {
                throw ApiException.Invalid("metadata", $"A key of 'metadata' has more than {MaxText} characters.");
            }

            JsonValues.Text(pair.Value, "metadata." + pair.Name, MaxValue);
        }

        return metadata.GetRawText();
    }

    private static long? ReadLifetime(JsonFields body)
    {
        if (body.Object("output_expires_after") is not { } expires)
        {
            return null;
        }

        if (expires.Text("anchor", MaxText) != "created_at")
        {
            throw ApiException.Invalid("output_expires_after.anchor", "'output_expires_after.anchor' must be 'created_at'.");
        }

        expires.Required("seconds");
        return expires.Int64("seconds", ShortestLife, LongestLife);
    }
}
