using System.Text.Json;
using XLLM.Formats;

namespace XLLM.Engine.Models;

/// <summary>Reads an object of config.json; what is missing or of a wrong type is added to the problems.</summary>
internal sealed class ConfigJson(JsonElement element, ConfigProblems problems, string prefix = "")
{
    private const int MaxBytes = 16 << 20;
    private const int MaxDepth = 32;

    public ConfigProblems Problems => problems;

    /// <summary>Parses a file whose root must be an object. Errors: <see cref="ModelFormatException"/>.</summary>
    public static JsonDocument Load(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        if (file.Length > MaxBytes)
        {
            throw new ModelFormatException(path, $"the file has {file.Length} bytes; at most {MaxBytes} were expected");
        }

        try
        {
            JsonDocument document = JsonDocument.Parse(
                file.Slice(0, (int)file.Length).ToArray(),
                new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            JsonValueKind kind = document.RootElement.ValueKind;
            if (kind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new ModelFormatException(path, $"it should be a JSON object, found {kind}");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"it is not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>True when the property is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    public int Int(string name, int least, int most, int? fallback = null)
    {
        if (Find(name) is not { } value)
        {
            return fallback ?? Missing(name, least);
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number))
        {
            return problems.Range(prefix + name, number, least, most);
        }

        Wrong(name, "an integer", value);
        return least;
    }

    public double Real(string name, double least, double most, double? fallback = null)
    {
        if (Find(name) is not { } value)
        {
            return fallback ?? Missing(name, least);
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number))
        {
            return problems.RealRange(prefix + name, number, least, most);
        }

        Wrong(name, "a number", value);
        return least;
    }

    public double? OptionalReal(string name, double least, double most) => Has(name) ? Real(name, least, most) : null;

    public bool Bool(string name, bool fallback)
    {
        switch (Find(name))
        {
            case null:
                return fallback;
            case { ValueKind: JsonValueKind.True }:
                return true;
            case { ValueKind: JsonValueKind.False }:
                return false;
            case { } value:
                Wrong(name, "true or false", value);
                return fallback;
        }
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Wrong(name, "a string", value);
        return null;
    }

    public string[] Texts(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(e => e.GetString()!)];
        }

        Wrong(name, "an array of strings", value);
        return [];
    }

    /// <summary>An integer or an array of integers.</summary>
    public int[] Ints(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        JsonElement[] elements = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        if (elements.All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out _)))
        {
            return Array.ConvertAll(elements, e => e.GetInt32());
        }

        Wrong(name, "an integer or an array of integers", value);
        return [];
    }

    public ConfigJson? Object(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new ConfigJson(value, problems, $"{prefix}{name}.");
        }

        Wrong(name, "an object", value);
        return null;
    }

    private JsonElement? Find(string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private T Missing<T>(string name, T fallback)
    {
        problems.Add($"{prefix}{name} is missing");
        return fallback;
    }

    private void Wrong(string name, string expected, JsonElement found) =>
        problems.Add($"{prefix}{name} should be {expected}, found {found.ValueKind}");
}
