using System.Text.Json;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>A JSON value with its path, whose readers say where a wrong value stands.</summary>
internal readonly record struct JsonField(JsonElement Value, string Path)
{
    public bool IsNull => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public string Type => Field("type").AsString();

    /// <summary>The field, null-valued when absent.</summary>
    public JsonField Field(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("an object");
        }

        try
        {
            return new JsonField(Value.TryGetProperty(name, out JsonElement field) ? field : default, $"{Path}.{name}");
        }
        catch (InvalidOperationException)
        {
            throw Error("a field's name is not valid Unicode.");
        }
    }

    public bool Has(string name) => !Field(name).IsNull;

    public TokenizerFormatException Error(string what) => new($"{Path}: {what}");

    public string AsString()
    {
        if (Value.ValueKind != JsonValueKind.String)
        {
            throw Wrong("a string");
        }

        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Error("the string is not valid Unicode.");
        }
    }

    public int AsInt() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out int value) ? value : throw Wrong("a 32-bit integer");

    public double AsDouble() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out double value) && double.IsFinite(value) ? value
            : throw Wrong("a number");

    public bool AsBool() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    public string? OptionalString(string name) => Field(name) is { IsNull: false } f ? f.AsString() : null;

    public bool OptionalBool(string name, bool otherwise) => Field(name) is { IsNull: false } f ? f.AsBool() : otherwise;

    public int OptionalInt(string name, int otherwise) => Field(name) is { IsNull: false } f ? f.AsInt() : otherwise;

    public int? OptionalInt(string name) => Field(name) is { IsNull: false } f ? f.AsInt() : null;

    public IEnumerable<JsonField> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("an array");
        }

        string path = Path;
        return Value.EnumerateArray().Select((v, i) => new JsonField(v, $"{path}[{i}]"));
    }

    public IEnumerable<(string Name, JsonField Node)> Fields()
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("an object");
        }

        string path = Path;
        return Value.EnumerateObject().Select(p => (NameOf(p, path), new JsonField(p.Value, path)));
    }

    private static string NameOf(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new TokenizerFormatException($"{path}: a field's name is not valid Unicode.");
        }
    }

    private TokenizerFormatException Wrong(string expected) =>
        Error($"{(IsNull ? "nothing is given" : $"a value of kind {Value.ValueKind} is given")}, but {expected} is needed.");
}
