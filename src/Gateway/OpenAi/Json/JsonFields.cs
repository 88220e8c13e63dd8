using System.Text.Json;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.OpenAi.Json;

/// <summary>Strict access to the fields of one JSON object. A null field counts as absent, as OpenAI's clients send it.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _path;

    private JsonFields(JsonElement value, string path)
    {
        _object = value;
        _path = path;
    }

    /// <summary>The fields of a whole body.</summary>
    public static JsonFields OfBody(JsonDocument document) => document.RootElement.ValueKind == JsonValueKind.Object
        ? new JsonFields(document.RootElement, "")
        : throw ApiException.Of(DoorErrors.InvalidJson, "The body must be a JSON object.");

    /// <summary>The fields of an object inside a body.</summary>
    public static JsonFields Of(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object
        ? new JsonFields(value, path)
        : throw JsonValues.WrongType(value, path, "an object");

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public bool TryGet(string name, out JsonElement value)
    {
        FieldTrace.Note(_path, name);
        return _object.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public JsonElement Required(string name) => TryGet(name, out JsonElement value)
        ? value
        : throw ApiException.Invalid(PathOf(name), $"'{PathOf(name)}' is required.");

    public string? Text(string name, int maxLength) =>
        TryGet(name, out JsonElement value) ? JsonValues.Text(value, PathOf(name), maxLength) : null;

    public bool Flag(string name, bool absent = false) =>
        TryGet(name, out JsonElement value) ? JsonValues.Flag(value, PathOf(name)) : absent;

    public int? Int32(string name, int min, int max) => (int?)Int64(name, min, max);

    public long? Int64(string name, long min, long max) =>
        TryGet(name, out JsonElement value) ? JsonValues.Integer(value, PathOf(name), min, max) : null;

    public float? Number(string name, double min, double max) =>
        TryGet(name, out JsonElement value) ? (float)JsonValues.Number(value, PathOf(name), min, max) : null;

    public JsonElement? Array(string name, int maxLength) =>
        TryGet(name, out JsonElement value) ? JsonValues.Array(value, PathOf(name), maxLength) : null;

    public JsonFields? Object(string name) => TryGet(name, out JsonElement value) ? Of(value, PathOf(name)) : null;
}
