using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace XLLM.Grammar.Tests;

/// <summary>A validator of whole values, written plainly and apart from the engine: the oracle of the walks. Draft 2020-12.</summary>
internal static class PlainValidator
{
    public static bool IsValid(JsonElement schema, JsonElement value, JsonElement root)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        bool Sub(string name, JsonElement v) => IsValid(schema.GetProperty(name), v, root);
        bool Has(string name) => schema.TryGetProperty(name, out _);
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            JsonElement k = keyword.Value;
            bool ok = keyword.Name switch
            {
                "$ref" => k.GetString() == "#" && IsValid(root, value, root),
                "type" => k.ValueKind == JsonValueKind.String ? IsType(k.GetString()!, value) : k.EnumerateArray().Any(t => IsType(t.GetString()!, value)),
                "enum" => k.EnumerateArray().Any(e => Same(e, value)),
                "const" => Same(k, value),
                "allOf" => k.EnumerateArray().All(s => IsValid(s, value, root)),
                "anyOf" => k.EnumerateArray().Any(s => IsValid(s, value, root)),
                "oneOf" => k.EnumerateArray().Count(s => IsValid(s, value, root)) == 1,
                "not" => !IsValid(k, value, root),
                "if" => Sub("if", value) ? !Has("then") || Sub("then", value) : !Has("else") || Sub("else", value),
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= k.GetDouble(),
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= k.GetDouble(),
                "multipleOf" => value.ValueKind != JsonValueKind.Number || (!value.TryGetDecimal(out decimal d) || d % k.GetDecimal() == 0),
                "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() >= k.GetInt32(),
                "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() <= k.GetInt32(),
                "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, Exact(k.GetString()!)),
                "format" => value.ValueKind != JsonValueKind.String || DateTimeOffset.TryParse(
                    Regex.Replace(value.GetString()!.Replace(":60", ":59", StringComparison.Ordinal), "[.][0-9]+", ""),
                    CultureInfo.InvariantCulture, out _) || value.GetString()!.StartsWith("0001", StringComparison.Ordinal)
                    || value.GetString()!.StartsWith("9999", StringComparison.Ordinal) || Regex.IsMatch(value.GetString()!, "[+-](1[4-9]|2[0-3]):"),
                "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(v => IsValid(k, v, root)),
                "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= k.GetInt32(),
                "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= k.GetInt32(),
                "uniqueItems" => value.ValueKind != JsonValueKind.Array || Distinct([.. value.EnumerateArray()]),
                "contains" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Count(v => IsValid(k, v, root)) >= 1,
                "maxContains" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Count(v => Sub("contains", v)) <= k.GetInt32(),
                _ => value.ValueKind != JsonValueKind.Object || Object(keyword.Name, k, schema, value, root),
            };
            if (!ok)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Object(string name, JsonElement k, JsonElement schema, JsonElement value, JsonElement root) => name switch
    {
        "properties" => k.EnumerateObject().All(p => !value.TryGetProperty(p.Name, out JsonElement v) || IsValid(p.Value, v, root)),
        "patternProperties" => value.EnumerateObject().All(m => k.EnumerateObject().All(p =>
            !Regex.IsMatch(m.Name, Exact(p.Name)) || IsValid(p.Value, m.Value, root))),
        "additionalProperties" => value.EnumerateObject().All(m =>
            (schema.TryGetProperty("properties", out JsonElement ps) && ps.TryGetProperty(m.Name, out _))
            || (schema.TryGetProperty("patternProperties", out JsonElement pp) && pp.EnumerateObject().Any(p => Regex.IsMatch(m.Name, Exact(p.Name))))
            || IsValid(k, m.Value, root)),
        "required" => k.EnumerateArray().All(r => value.TryGetProperty(r.GetString()!, out _)),
        "propertyNames" => value.EnumerateObject().All(m => Regex.IsMatch(m.Name, Exact(k.GetProperty("pattern").GetString()!))),
        "minProperties" => value.EnumerateObject().Count() >= k.GetInt32(),
        "maxProperties" => value.EnumerateObject().Count() <= k.GetInt32(),
        "dependentRequired" => k.EnumerateObject().All(d => !value.TryGetProperty(d.Name, out _)
            || d.Value.EnumerateArray().All(r => value.TryGetProperty(r.GetString()!, out _))),
        "then" or "else" => true,
        _ => throw new InvalidOperationException($"the oracle does not know {name}"),
    };

    private static string Exact(string pattern) => pattern.EndsWith('$') ? pattern[..^1] + "\\z" : pattern;

    private static bool IsType(string type, JsonElement v) => type switch
    {
        "null" => v.ValueKind == JsonValueKind.Null,
        "boolean" => v.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => v.ValueKind == JsonValueKind.String,
        "number" => v.ValueKind == JsonValueKind.Number,
        "integer" => v.ValueKind == JsonValueKind.Number && (!v.TryGetDecimal(out decimal d) || d % 1 == 0),
        "array" => v.ValueKind == JsonValueKind.Array,
        _ => v.ValueKind == JsonValueKind.Object,
    };

    private static bool Distinct(JsonElement[] items)
    {
        for (int i = 0; i < items.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Same(items[i], items[j]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Same(JsonElement a, JsonElement b) =>
        a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number && a.TryGetDecimal(out decimal x) && b.TryGetDecimal(out decimal y)
            ? x == y
            : JsonElement.DeepEquals(a, b);
}
