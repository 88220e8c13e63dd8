using System.Text.Json;
using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Schema;

/// <summary>Reads the values of keywords, with errors that say what would be right.</summary>
internal static class Keywords
{
    public static bool TryGet(this Place place, string name, out JsonElement value) => place.Json.TryGetProperty(name, out value);

    /// <summary>A non-negative integer, at most int.MaxValue (beyond that no text is long enough to tell).</summary>
    public static int? Count(this Place place, string name)
    {
        if (!place.TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && Dec.Parse(value.GetRawText()) is { IsInteger: true, Sign: >= 0 } count
            ? (count.CompareTo(new Dec(int.MaxValue, 0)) >= 0 ? int.MaxValue : (int)count.Scaled(0))
            : throw place.Refuse(name, $"'{name}' must be a non-negative integer");
    }

    public static Dec? Number(this Place place, string name)
    {
        if (!place.TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number
            ? Dec.Parse(value.GetRawText()) ?? throw place.Refuse(name, $"'{name}' has more than 400 digits or an exponent beyond 1000")
            : throw place.Refuse(name, $"'{name}' must be a number");
    }

    public static string? Text(this Place place, string name)
    {
        if (!place.TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? Utf16(place, name, value)
            : throw place.Refuse(name, $"'{name}' must be a string");
    }

    public static List<string> Names(this Place place, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
        {
            throw place.Refuse(name, $"'{name}' must be an array of strings");
        }

        return [.. value.EnumerateArray().Select(v => Utf16(place, name, v)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The text of a JSON string, which must not have lone surrogates: no UTF-8 text could contain it.</summary>
    public static string Utf16(Place place, string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw place.Refuse(name, $"'{name}' has a lone surrogate");
        }
    }
}
