using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi;

/// <summary>
/// Builds JSON schemas (draft 2020-12, as OpenAPI 3.1 has them) of what the parsers take and the answers have. Every call makes
/// a new node: a node has one parent.
/// </summary>
internal static class Schema
{
    /// <summary>A string of <paramref name="least"/> to <paramref name="most"/> UTF-16 units.</summary>
    public static JsonObject Text(string about, int most = int.MaxValue, int least = 0) =>
        Of("string", about).With("minLength", least == 0 ? null : least).With("maxLength", most == int.MaxValue ? null : most);

    public static JsonObject Flag(string about, bool absent = false) => Of("boolean", about).With("default", absent);

    public static JsonObject Integer(string about, long least, long most) =>
        Of("integer", about).With("minimum", least).With("maximum", most);

    public static JsonObject Integer(string about) => Of("integer", about);

    /// <summary>A number of a closed range; without its lower end when <paramref name="isOpen"/>.</summary>
    public static JsonObject Number(string about, double least, double most, bool isOpen = false) =>
        Of("number", about).With(isOpen ? "exclusiveMinimum" : "minimum", least).With("maximum", most);

    public static JsonObject Number(string about) => Of("number", about);

    /// <summary>One of these strings.</summary>
    public static JsonObject Choice(string about, params string[] values) =>
        Of("string", about).With("enum", new JsonArray([.. values.Select(v => JsonValue.Create(v))]));

    public static JsonObject Constant(string value) => new() { ["type"] = "string", ["const"] = value };

    public static JsonObject List(string about, JsonObject item, int most = int.MaxValue, int least = 0) =>
        Of("array", about).With("items", item).With("minItems", least == 0 ? null : least)
            .With("maxItems", most == int.MaxValue ? null : most);

    /// <summary>An object whose names are free.</summary>
    public static JsonObject Map(string about, JsonObject? value = null, int most = int.MaxValue) =>
        Of("object", about).With("additionalProperties", value).With("maxProperties", most == int.MaxValue ? null : most);

    public static JsonObject Any(string about, params JsonObject[] variants) =>
        new JsonObject { ["description"] = about }.With("anyOf", new JsonArray([.. variants]));

    public static JsonObject Null() => new() { ["type"] = "null" };

    public static JsonObject Reference(string component) => new() { ["$ref"] = "#/components/schemas/" + component };

    /// <summary>
    /// An object of a request. Names beside these are ignored; null is the same as absent where a field is not required.
    /// <paramref name="refused"/> are names that are known and refused with any value that means more than 'off'.
    /// </summary>
    public static JsonObject Input(string about, IEnumerable<Field> fields, params string[] refused)
    {
        JsonObject schema = Record(about, [.. fields.Select(f => f.IsRequired ? f : f with { Schema = OrNull(f.Schema) })]);
        return refused.Length == 0
            ? schema
            : schema.With("x-refused", new JsonArray([.. refused.Select(r => JsonValue.Create(r))]));
    }

    /// <summary>An object of an answer.</summary>
    public static JsonObject Record(string about, params Field[] fields)
    {
        var properties = new JsonObject();
        foreach (Field field in fields)
        {
            properties.Add(field.Name, field.Schema);
        }

        JsonArray required = [.. fields.Where(f => f.IsRequired).Select(f => JsonValue.Create(f.Name))];
        return Of("object", about).With("required", required.Count == 0 ? null : required).With("properties", properties);
    }

    /// <summary>Adds a keyword, unless its value is null.</summary>
    public static JsonObject With(this JsonObject schema, string keyword, JsonNode? value)
    {
        if (value is not null)
        {
            schema[keyword] = value;
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (!schema.ContainsKey("type") && !schema.ContainsKey("anyOf") && !schema.ContainsKey("$ref"))
        {
            return schema;
        }

        if (schema["type"]?.GetValueKind() == System.Text.Json.JsonValueKind.String 
            && !schema.ContainsKey("enum") && !schema.ContainsKey("const"))
        {
            schema["type"] = new JsonArray(schema["type"]!.GetValue<string>(), "null");
            return schema;
        }

        if (schema["anyOf"] is JsonArray variants)
        {
            variants.Add(Null());
            return schema;
        }

        var outer = new JsonObject();
        foreach (string keyword in (string[])["description", "x-with"])
        {
            outer.With(keyword, schema[keyword]?.DeepClone());
            schema.Remove(keyword);
        }

        return outer.With("anyOf", new JsonArray(schema, Null()));
    }

    private static JsonObject Of(string type, string about) =>
        about.Length == 0 ? new JsonObject { ["type"] = type } : new JsonObject { ["type"] = type, ["description"] = about };
}
